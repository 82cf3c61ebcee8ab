package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class MailTextTest {
  @Test
  void replyIsPrintableAscii() {
    assertThat(MailText.reply("550 5.7.60 <~m\u00fcller\u007f\r\n250 ok\u001f>"))
        .isEqualTo("550 5.7.60 <~m?ller???250 ok?>\r\n");
  }

  @Test
  void replyHas400CharactersAtMost() {
    assertThat(MailText.reply("5".repeat(400))).isEqualTo("5".repeat(400) + "\r\n");
    assertThat(MailText.reply("5".repeat(401))).isEqualTo("5".repeat(400) + "\r\n");
  }

  /** Text of a device or an administrator cannot make a reply longer than one line. */
  @Property(tries = 500)
  void replyIsOneLine(@ForAll String text) {
    assertThat(MailText.reply(text)).matches("[ -~]{0,400}\r\n");
  }
}
