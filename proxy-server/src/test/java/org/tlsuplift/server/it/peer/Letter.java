package org.tlsuplift.server.it.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Random;
import java.util.UUID;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Lab;

/**
 * A mail with every header line that a server would otherwise add, so that it arrives as it left.
 *
 * @param content the whole mail, its lines ended by LF alone
 * @param marker a word that is nowhere else
 */
public record Letter(String content, String marker) {
  /** A few lines: one that begins with a dot, one of 8-bit text, one without anything. */
  public static Letter small(Account account) {
    String marker = UUID.randomUUID().toString();
    String body = "Scan " + marker + "\n.\n..two dots\n\nGr\u00fc\u00dfe\ttab \n";
    return new Letter(head(account, marker, "text/plain; charset=utf-8", "8bit") + body, marker);
  }

  /** A scan of so many bytes, in base64, which makes it a third larger. */
  public static Letter scan(Account account, int bytes) {
    String marker = UUID.randomUUID().toString();
    byte[] scan = new byte[bytes];
    new Random(bytes).nextBytes(scan);
    String body = Base64.getMimeEncoder(76, new byte[] {'\n'}).encodeToString(scan);
    return new Letter(head(account, marker, "application/pdf", "base64") + body + "\n", marker);
  }

  private static String head(Account account, String marker, String type, String encoding) {
    return """
        Date: Mon, 05 Jan 2026 10:00:00 +0000
        From: Scanner <%1$s>
        To: %1$s
        Message-Id: <%2$s@%3$s>
        Subject: Scan
        MIME-Version: 1.0
        Content-Type: %4$s
        Content-Transfer-Encoding: %5$s

        """
        .formatted(account.address(), marker, Account.DOMAIN, type, encoding);
  }

  /** As a file, for devices that send one. */
  public Path file(Lab lab) {
    return lab.file("letter.eml", content);
  }

  /** With CRLF at each end of line and dots doubled (RFC 5321, section 4.5.2). */
  public String onTheWire() {
    return content.replaceAll("(?m)^\\.", "..").replace("\n", "\r\n");
  }

  /** Whether a text holds this letter whole; in front of it servers add their lines. */
  public boolean isWholeIn(String text) {
    String mail = text.replace("\r\n", "\n");
    int start = mail.indexOf(content);
    return start == 0 || (start > 0 && mail.charAt(start - 1) == '\n');
  }

  /** Whether a mail ends with this letter, each line ended as said. */
  public boolean ends(String mail, String endOfLine) {
    String whole = content.replace("\n", endOfLine);
    return mail.length() >= whole.length() && mail.endsWith(whole);
  }

  /** The text of a file that holds a mail. */
  public static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public String toString() {
    return "letter " + marker;
  }
}
