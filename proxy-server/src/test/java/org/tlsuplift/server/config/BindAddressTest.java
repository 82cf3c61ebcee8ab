package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses to listen on, and which of them exclude each other. */
class BindAddressTest {
  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0:3128", "[::]:3128", "[::1]:0", "localhost:65535"})
  void printsTheTextThatItParsed(String text) {
    assertThat(BindAddress.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:80, 127.0.0.1:80, true",
    "127.0.0.1:80, 127.0.0.1:81, false",
    "127.0.0.1:80, 127.0.0.2:80, false",
    "127.0.0.1:0, 127.0.0.1:0, false",
    "0.0.0.0:80, 127.0.0.1:80, true",
    "127.0.0.1:80, 0.0.0.0:80, true",
    "0.0.0.0:80, [::1]:80, false",
    "[::]:80, 127.0.0.1:80, true",
    "[::]:80, 0.0.0.0:80, true",
    "[::1]:80, [0:0::1]:80, true",
    "localhost:80, 127.0.0.1:80, true",
    "here.example:80, here.example:80, true",
    "here.example:80, 0.0.0.0:80, false",
  })
  void findsAddressesThatCollide(String one, String other, boolean collide) {
    assertThat(BindAddress.parse(one).collidesWith(BindAddress.parse(other))).isEqualTo(collide);
  }
}
