package org.tlsuplift.server.http.pages;

import io.nayuki.qrcodegen.QrCode;

/**
 * A QR code as an image of SVG.
 *
 * @param size width and height in modules, with the quiet zone of 4 (ISO/IEC 18004)
 * @param path the dark modules
 */
public record QrImage(int size, String path) {
  private static final int QUIET = 4;

  /** The code of a text of at most 1,000 characters. */
  static QrImage of(String text) {
    QrCode code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM);
    StringBuilder path = new StringBuilder();
    for (int y = 0; y < code.size; y++) {
      for (int x = 0; x < code.size; x++) {
        if (code.getModule(x, y)) {
          path.append('M').append(x + QUIET).append(' ').append(y + QUIET).append("h1v1h-1z");
        }
      }
    }
    return new QrImage(code.size + 2 * QUIET, path.toString());
  }
}
