package org.tlsuplift.proxy.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LearntCapabilitiesTest {
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void forgetsALimitThatTheOriginHasNotRepeated() {
    LearntCapabilities learnt = new LearntCapabilities(nanos::get);
    assertThat(learnt.recent("scan")).isNull();
    learnt.learn("scan", List.of("SIZE 1"));
    nanos.addAndGet(LearntCapabilities.RECENT.toNanos());
    assertThat(learnt.of(Set.of("scan")).recent("scan")).containsExactly("SIZE 1");
    nanos.addAndGet(1);
    assertThat(learnt.recent("scan")).isNull();
    assertThat(learnt.of("scan")).containsExactly("SIZE 1");
    learnt.learn("scan", List.of("SIZE 2"));
    assertThat(learnt.recent("scan")).containsExactly("SIZE 2");
  }
}
