package org.tlsuplift.proxy.negotiate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The names and passwords that a SOCKS listener can have, and those that it admits. */
class SocksUsersTest {
  private static final String LONGEST = "x".repeat(255);

  @ParameterizedTest
  @ValueSource(strings = {"a", " ", "~", "scan ner!", "0"})
  void visibleAsciiIsUsable(String text) {
    assertThat(SocksUsers.isUsable(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\0b", "a\u001f", "a\u007f", "m\u00fcller", "tab\t"})
  void otherTextIsNot(String text) {
    assertThat(SocksUsers.isUsable(text)).isFalse();
  }

  /** RFC 1929 has one byte for each length. */
  @Test
  void nameAndPasswordHave255CharactersAtMost() {
    assertThat(SocksUsers.isUsable(LONGEST)).isTrue();
    assertThat(SocksUsers.isUsable(LONGEST + "x")).isFalse();
    assertThat(new SocksUsers(Map.of(LONGEST, LONGEST)).admits(LONGEST, LONGEST)).isTrue();
  }

  @Test
  void refusesNamesAndPasswordsThatDevicesCannotSendAndRepeatsNeither() {
    for (Map<String, String> unusable :
        List.of(
            Map.of("m\u00fcller", "geheim"),
            Map.of("scanner", "geh\u00e4im"),
            Map.of("", "geheim"),
            Map.of("scanner", ""))) {
      assertThatThrownBy(() -> new SocksUsers(unusable))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("expected 1 to 255 visible ASCII characters");
    }
  }

  @Test
  void emptyUsersAdmitNoOne() {
    assertThat(SocksUsers.NONE.isEmpty()).isTrue();
    assertThat(SocksUsers.NONE.admits("", "")).isFalse();
    assertThat(new SocksUsers(Map.of("a", "b")).isEmpty()).isFalse();
  }

  @Test
  void copiesTheMap() {
    Map<String, String> passwords = new HashMap<>(Map.of("a", "b"));
    SocksUsers users = new SocksUsers(passwords);
    passwords.put("c", "d");
    assertThat(users.admits("c", "d")).isFalse();
    assertThat(users.admits("a", "b")).isTrue();
  }

  @Property(tries = 300)
  void admitsTheNameWithItsOwnPasswordOnly(
      @ForAll("users") Map<String, String> passwords,
      @ForAll("texts") String name,
      @ForAll("texts") String password) {
    SocksUsers users = new SocksUsers(passwords);
    assertThat(users.admits(name, password)).isEqualTo(password.equals(passwords.get(name)));
    passwords.forEach((user, own) -> assertThat(users.admits(user, own)).isTrue());
  }

  @Provide
  Arbitrary<Map<String, String>> users() {
    return Arbitraries.maps(texts(), texts()).ofMaxSize(4);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings().withChars('a', 'b').ofMinLength(1).ofMaxLength(2);
  }
}
