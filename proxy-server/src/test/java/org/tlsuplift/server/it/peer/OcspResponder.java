package org.tlsuplift.server.it.peer;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/**
 * A real OCSP responder, {@code openssl ocsp}, and what its CA has signed.
 *
 * @param address where it answers, in plain HTTP
 * @param authority the CA's certificate
 * @param good a certificate that it vouches for
 */
public record OcspResponder(InetSocketAddress address, Path authority, Path good) {
  private static final int SERIAL = 0x1234;

  /** Starts one that ends with the lab. */
  public static OcspResponder start(Lab lab) {
    Path folder = lab.directory("ocsp");
    Path ca = folder.resolve("ca.pem");
    Path key = folder.resolve("ca.key");
    Path request = folder.resolve("request.pem");
    Path leaf = folder.resolve("leaf.pem");
    String openssl = Peers.require("openssl");
    String subject = "/CN=issuer of the test";
    Run.of(
            List.of(
                openssl,
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "5",
                "-subj",
                subject,
                "-keyout",
                key.toString(),
                "-out",
                ca.toString()))
        .succeeded();
    Run.of(
            List.of(
                openssl,
                "req",
                "-new",
                "-key",
                key.toString(),
                "-subj",
                "/CN=leaf",
                "-out",
                request.toString()))
        .succeeded();
    Run.of(
            List.of(
                openssl,
                "x509",
                "-req",
                "-in",
                request.toString(),
                "-CA",
                ca.toString(),
                "-CAkey",
                key.toString(),
                "-set_serial",
                String.valueOf(SERIAL),
                "-days",
                "5",
                "-out",
                leaf.toString()))
        .succeeded();
    Path index =
        Lab.write(folder.resolve("index.txt"), "V\t391231235959Z\t\t1234\tunknown\t/CN=leaf\n");
    int port = Loopback.freePort(Loopback.V4);
    Child responder =
        lab.add(
            Child.start(
                new ProcessBuilder(
                    openssl,
                    "ocsp",
                    "-port",
                    String.valueOf(port),
                    "-index",
                    index.toString(),
                    "-CA",
                    ca.toString(),
                    "-rsigner",
                    ca.toString(),
                    "-rkey",
                    key.toString())));
    responder.awaitOutput(Pattern.compile("waiting for OCSP client connections"));
    return new OcspResponder(new InetSocketAddress(Loopback.V4, port), ca, leaf);
  }

  /** Asks whether the certificate is good, with these options that say where. */
  public Run ask(String... where) {
    List<String> command =
        new java.util.ArrayList<>(
            List.of(Peers.require("openssl"), "ocsp", "-issuer", authority.toString()));
    command.addAll(List.of("-cert", good.toString(), "-CAfile", authority.toString()));
    command.addAll(List.of(where));
    return Run.of(command);
  }
}
