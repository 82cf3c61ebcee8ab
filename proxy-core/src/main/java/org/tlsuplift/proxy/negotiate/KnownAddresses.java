package org.tlsuplift.proxy.negotiate;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.socksx.v5.Socks5AddressDecoder;
import io.netty.handler.codec.socksx.v5.Socks5AddressType;
import java.util.Set;

/** Reads the addresses of RFC 1928 section 5, and reports other types. */
final class KnownAddresses implements Socks5AddressDecoder {
  private static final Set<Socks5AddressType> KNOWN =
      Set.of(Socks5AddressType.IPv4, Socks5AddressType.DOMAIN, Socks5AddressType.IPv6);

  /** An address of a type that RFC 1928 does not have; it has its own reply code. */
  static final class UnknownTypeException extends DecoderException {
    private static final long serialVersionUID = 1L;

    private UnknownTypeException(Socks5AddressType type) {
      super(
          "the device asks for an address of SOCKS type "
              + (type.byteValue() & 0xff)
              + "; 1 (IPv4), 3 (name) and 4 (IPv6) are known");
    }
  }

  @Override
  public String decodeAddress(Socks5AddressType type, ByteBuf in) throws Exception {
    if (!KNOWN.contains(type)) {
      throw new UnknownTypeException(type);
    }
    String address = DEFAULT.decodeAddress(type, in);
    // RFC 1928 names no encoding for names: a guess could lead to another host.
    if (address.chars().anyMatch(character -> character > '~')) {
      throw new DecoderException("a name with other characters than ASCII");
    }
    return address;
  }
}
