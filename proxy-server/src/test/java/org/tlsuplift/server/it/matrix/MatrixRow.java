package org.tlsuplift.server.it.matrix;

import java.util.List;
import java.util.stream.Collectors;
import org.tlsuplift.server.it.device.Offer;
import org.tlsuplift.server.it.lab.LeafKind;

/**
 * A row of the handshake matrix.
 *
 * @param offer what its devices offer
 * @param leaf what the servers show
 * @param stacks who the devices are
 * @param ours what must become of them here
 * @param mustBeRefused whether nobody should serve this, whoever could
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
