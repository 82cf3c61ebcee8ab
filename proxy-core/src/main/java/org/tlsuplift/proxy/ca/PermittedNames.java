package org.tlsuplift.proxy.ca;

import java.util.List;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The names that a certificate authority may sign: the suffixes and addresses that routes allow.
 *
 * @param dnsSuffixes lower case, without stars and without a dot at either end; {@code outlook.com}
 *     stands for itself and everything below it
 * @param addressBlocks IPv4 and IPv6 blocks such as {@code 10.0.0.0/8}, or single addresses
 */
public record PermittedNames(List<String> dnsSuffixes, List<String> addressBlocks) {
  /**
   * Normalises and checks every entry.
   *
   * @throws IllegalArgumentException with the entry that is neither a suffix nor a block
   */
  public PermittedNames {
    dnsSuffixes = dnsSuffixes.stream().map(HostPort::normalise).distinct().toList();
    for (String suffix : dnsSuffixes) {
      if (!HostPort.isHostName(suffix)) {
        throw new IllegalArgumentException(
            "\"" + suffix + "\" is not a DNS suffix such as outlook.com");
      }
    }
    addressBlocks =
        addressBlocks.stream()
            .map(block -> AddressBlock.parse(block).toString())
            .distinct()
            .toList();
  }

  public boolean isEmpty() {
    return dnsSuffixes.isEmpty() && addressBlocks.isEmpty();
  }

  List<AddressBlock> blocks() {
    return addressBlocks.stream().map(AddressBlock::parse).toList();
  }
}
