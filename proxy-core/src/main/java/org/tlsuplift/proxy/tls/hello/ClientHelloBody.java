package org.tlsuplift.proxy.tls.hello;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello.Framing;
import org.tlsuplift.proxy.model.HostPort;

/** Reads the body of a ClientHello message: RFC 8446 section 4.1.2 and its predecessors. */
public final class ClientHelloBody {
  static final int SERVER_NAME = 0;
  static final int MAX_FRAGMENT_LENGTH = 1;
  public static final int SUPPORTED_GROUPS = 10;
  public static final int SIGNATURE_ALGORITHMS = 13;
  static final int APPLICATION_PROTOCOLS = 16;
  public static final int SUPPORTED_VERSIONS = 43;
  public static final int KEY_SHARE = 51;

  private static final int RANDOM_BYTES = 32;
  private static final int MAX_SESSION_ID = 32;
  private static final int HOST_NAME = 0;
  private static final int MAX_HOST_NAME = 254;

  private final List<Integer> extensions = new ArrayList<>();
  private final List<String> applicationProtocols = new ArrayList<>();
  private List<Integer> supportedGroups = List.of();
  private List<Integer> signatureAlgorithms = List.of();
  private @Nullable List<Integer> supportedVersions;
  private @Nullable String serverName;

  private ClientHelloBody() {}

  static RawHello read(HelloReader body) throws MalformedHelloException {
    return new ClientHelloBody().readFrom(body);
  }

  private RawHello readFrom(HelloReader hello) throws MalformedHelloException {
    int length = hello.left();
    int version = hello.u16("version");
    hello.take(RANDOM_BYTES, "random");
    HelloReader sessionId = hello.vector8("session id");
    if (sessionId.left() > MAX_SESSION_ID) {
      throw new MalformedHelloException(
          "session id: got " + sessionId.left() + " bytes; expected at most " + MAX_SESSION_ID);
    }
    HelloReader suites = hello.vector16("cipher suites");
    if (suites.isEmpty()) {
      throw new MalformedHelloException("cipher suites: none");
    }
    List<Integer> cipherSuites = suites.numbers("cipher suites");
    if (hello.vector8("compression methods").isEmpty()) {
      throw new MalformedHelloException("compression methods: none");
    }
    // A ClientHello from before RFC 3546 ends here.
    if (!hello.isEmpty()) {
      readExtensions(hello.vector16("extensions"));
      hello.finish("hello");
    }
    return new RawHello(
        Framing.TLS,
        length,
        version,
        supportedVersions,
        cipherSuites,
        extensions,
        serverName,
        applicationProtocols,
        supportedGroups,
        signatureAlgorithms);
  }

  private void readExtensions(HelloReader block) throws MalformedHelloException {
    Set<Integer> types = new HashSet<>();
    while (!block.isEmpty()) {
      int type = block.u16("extension type");
      HelloReader data = block.vector16("extension " + type);
      // RFC 8446 section 4.2 and RFC 5246 section 7.4.1.4.
      if (!types.add(type)) {
        throw new MalformedHelloException("extension " + type + ": sent more than once");
      }
      if (!HelloReader.isGrease(type)) {
        extensions.add(type);
        readExtension(type, data);
      }
    }
  }

  private void readExtension(int type, HelloReader data) throws MalformedHelloException {
    switch (type) {
      case SERVER_NAME -> serverName = serverName(data);
      case SUPPORTED_GROUPS -> supportedGroups = numbers16(data, "supported groups");
      case SIGNATURE_ALGORITHMS -> signatureAlgorithms = numbers16(data, "signature algorithms");
      case APPLICATION_PROTOCOLS -> readApplicationProtocols(data);
      case SUPPORTED_VERSIONS -> {
        supportedVersions = data.vector8("supported versions").numbers("supported versions");
        data.finish("supported versions");
      }
      default -> {
        // Only the TLS engine or the origin uses it.
      }
    }
  }

  private static List<Integer> numbers16(HelloReader data, String field)
      throws MalformedHelloException {
    List<Integer> numbers = data.vector16(field).numbers(field);
    data.finish(field);
    return numbers;
  }

  /**
   * The only host name in a server_name extension (RFC 6066 section 3).
   *
   * <p>Null for a value that a certificate cannot have: an address, an empty text, or two names,
   * which the RFC forbids. Old devices send all of these, so they are not errors.
   */
  private static @Nullable String serverName(HelloReader data) throws MalformedHelloException {
    if (data.isEmpty()) {
      return null;
    }
    HelloReader names = data.vector16("server name");
    data.finish("server name");
    String found = null;
    int count = 0;
    while (!names.isEmpty()) {
      int type = names.u8("server name");
      HelloReader name = names.vector16("server name");
      if (type == HOST_NAME) {
        found = hostName(name);
        count++;
      }
    }
    return count == 1 ? found : null;
  }

  private static @Nullable String hostName(HelloReader name) {
    if (name.left() > MAX_HOST_NAME) {
      return null;
    }
    String host = HostPort.normalise(name.text());
    return HostPort.isHostName(host) ? host : null;
  }

  /** RFC 7301 section 3.1. */
  private void readApplicationProtocols(HelloReader data) throws MalformedHelloException {
    HelloReader names = data.vector16("ALPN");
    data.finish("ALPN");
    while (!names.isEmpty()) {
      HelloReader name = names.vector8("ALPN");
      if (name.isEmpty()) {
        throw new MalformedHelloException("ALPN: an empty name");
      }
      applicationProtocols.add(name.text());
    }
  }
}
