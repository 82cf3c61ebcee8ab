package org.tlsuplift.server.it.matrix;

import java.util.List;
import java.util.stream.Collectors;
import org.tlsuplift.server.it.device.Offer;
import org.tlsuplift.server.it.lab.LeafKind;

/**
 * A row of the handshake matrix.
 *
 * @param offer the offer of the devices
 * @param leaf the certificate of the servers
 * @param stacks the TLS stacks of the devices
 * @param ours the expected result of TLS Uplift
 * @param mustBeRefused whether no server should serve this offer
 */
record MatrixRow(
    Offer offer, LeafKind leaf, List<Stack> stacks, MatrixCell ours, boolean mustBeRefused) {
  MatrixRow {
    stacks = List.copyOf(stacks);
  }

  String devices() {
    return stacks.stream().map(Stack::name).collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return offer + (leaf == LeafKind.RSA ? "" : ", " + leaf.text());
  }
}
