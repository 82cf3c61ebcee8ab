package org.tlsuplift.server.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.signin.SignInTimes.SignedIn;

/** The latest sign-ins, in memory and for a database. */
class SignInTimesTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  private static final SignedIn OWN = new SignedIn(NOW, "127.0.0.1");
  private static final SignedIn EARLIER = new SignedIn(NOW.minusSeconds(1), "10.0.0.1");
  private static final SignedIn LATER = new SignedIn(NOW.plusSeconds(1), "10.0.0.2");

  private final SignInTimes times = new SignInTimes(Clock.fixed(NOW, ZoneOffset.UTC));
  private final List<Object> written = new ArrayList<>();

  @BeforeEach
  void addAccounts() {
    times.keep(Set.of("a", "b"));
  }

  private void signIn(String account) {
    times.signedIn(account, InetAddress.getLoopbackAddress());
  }

  private void write() {
    times.<RuntimeException>writeTo((removed, signedIn) -> written.add(List.of(removed, signedIn)));
  }

  @Test
  void theLaterSignInOfTwoInstancesCounts() {
    signIn("a");
    signIn("b");
    assertThat(times.with(Map.of("a", EARLIER, "b", LATER, "c", EARLIER)))
        .isEqualTo(Map.of("a", OWN, "b", LATER, "c", EARLIER));
  }

  @Test
  void writesEachChangeOnce() {
    write();
    assertThat(written).isEmpty();
    signIn("a");
    write();
    write();
    assertThat(written).containsExactly(List.of(Set.of(), Map.of("a", OWN)));
  }

  @Test
  void writesAgainAfterAFailure() {
    signIn("a");
    assertThatThrownBy(
            () ->
                times.writeTo(
                    (removed, signedIn) -> {
                      throw new IllegalStateException("away");
                    }))
        .hasMessage("away");
    times.keep(Set.of("a"));
    write();
    assertThat(written).containsExactly(List.of(Set.of("b"), Map.of("a", OWN)));
  }

  @Test
  void anAccountThatIsAddedAgainHasNeverSignedIn() {
    signIn("a");
    write();
    times.keep(Set.of("b"));
    times.keep(Set.of("a", "b"));
    assertThat(times.with(Map.of("a", EARLIER, "b", EARLIER))).isEqualTo(Map.of("b", EARLIER));
    write();
    assertThat(written).last().isEqualTo(List.of(Set.of("a"), Map.of()));
  }

  @Test
  void ignoresAccountsThatDoNotExist() {
    signIn("nobody");
    assertThat(times.with(Map.of())).isEmpty();
  }
}
