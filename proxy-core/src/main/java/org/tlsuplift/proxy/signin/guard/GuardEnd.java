package org.tlsuplift.proxy.signin.guard;

import org.tlsuplift.proxy.model.CloseReason;

/**
 * Why nothing more can pass safely.
 *
 * @param reply the last one for the device, without its line end
 * @param detail one line for the operator
 */
record GuardEnd(String reply, CloseReason reason, String detail) {
  static final GuardEnd CHUNK_WITHOUT_SIZE =
      ofDevice(
          "501 5.5.4 The size of the chunk cannot be read", "BDAT without the size of its chunk");

  static final GuardEnd AMBIGUOUS_DOT =
      ofDevice(
          "554 5.6.0 A line with nothing but a dot has a bare CR or LF or a NUL beside it: lines end with CRLF",
          "a line of the message with nothing but a dot has a bare CR or LF or a NUL beside it");

  static GuardEnd longCommand(String why) {
    return ofDevice("500 5.5.6 Line too long", "a command: " + why);
  }

  static GuardEnd longReply(String why) {
    return new GuardEnd(
        "421 4.3.0 The origin's reply is too long",
        CloseReason.ORIGIN_PROTOCOL_ERROR,
        "the origin's reply: " + why);
  }

  private static GuardEnd ofDevice(String reply, String detail) {
    return new GuardEnd(reply, CloseReason.DEVICE_PROTOCOL_ERROR, detail);
  }
}
