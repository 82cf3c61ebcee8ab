package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.socksx.v5.Socks5AddressDecoder;
import io.netty.handler.codec.socksx.v5.Socks5AddressType;
import java.util.Set;

/** Reads the address types of RFC 1928 section 5, and reports others. */
final class KnownAddresses implements Socks5AddressDecoder {
  private static final Set<Socks5AddressType> KNOWN =
      Set.of(Socks5AddressType.IPv4, Socks5AddressType.DOMAIN, Socks5AddressType.IPv6);

  /** An address type that RFC 1928 does not define. It has its own reply code. */
  static final class UnknownTypeException extends DecoderException {
    private static final long serialVersionUID = 1L;

    private UnknownTypeException(Socks5AddressType type) {
      super(
          "the device sent SOCKS address type "
              + (type.byteValue() & 0xff)
              + ", and only 1 (IPv4), 3 (name) and 4 (IPv6) are known");
    }
  }

  @Override
  public String decodeAddress(Socks5AddressType type, ByteBuf in) throws Exception {
    if (!KNOWN.contains(type)) {
      throw new UnknownTypeException(type);
    }
    String address = DEFAULT.decodeAddress(type, in);
    // RFC 1928 defines no encoding for names, and a guess could lead to another host. What to
    // report: see Socks4NameCheck, whose fault Netty's Socks5AddressDecoder shares. Delete when it
    // refuses such a name.
    if (address.chars().anyMatch(character -> character > '~')) {
      throw new DecoderException("the name has characters outside ASCII");
    }
    return address;
  }
}
