package org.tlsuplift.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The message that the doctor sends. */
class TestMailTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a@b.example>\r\nRCPT TO:<c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example\nc",
        "a@b.example\u0000",
        "a b@c.example",
        "a@b.example,c@d.example",
        "nobody",
        ""
      })
  void refusesAnAddressThatAddsACommandOrAField(String address) {
    for (boolean sender : new boolean[] {true, false}) {
      assertThatThrownBy(
              () ->
                  new TestMail.Letter(
                      sender ? address : "a@b.example",
                      sender ? "a@b.example" : address,
                      null,
                      null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("to, from: got ")
          .hasMessageEndingWith("; expected a mail address")
          .message()
          .doesNotContainPattern("[\\p{Cntrl}]");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a@b.example", "Owner+x@printer", "\u00fc@\u00fcber.example"})
  void takesTheAddressesOfDevices(String address) {
    assertThat(new TestMail.Letter(address, address, null, null).to()).isEqualTo(address);
  }
}
