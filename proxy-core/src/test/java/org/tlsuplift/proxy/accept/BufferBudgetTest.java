package org.tlsuplift.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.accept.SessionRegistry.BufferBudget;

class BufferBudgetTest {
  @Test
  void admitsWhileOneMoreSessionFits() {
    AtomicLong held = new AtomicLong();
    BufferBudget budget = new BufferBudget(1 << 20, held::get);
    assertThat(budget.hasRoom()).isTrue();
    held.set((1 << 20) - (128 << 10));
    assertThat(budget.hasRoom()).isTrue();
    held.incrementAndGet();
    assertThat(budget.hasRoom()).isFalse();
    assertThat(budget.refusal().cause()).contains("hold 0 of 1 MiB");
    held.set(0);
    assertThat(budget.hasRoom()).isTrue();
  }

  @Test
  void leavesAQuarterOfTheProcess() {
    assertThat(BufferBudget.ofProcess().limit())
        .isGreaterThan(1 << 20)
        .isLessThanOrEqualTo(Runtime.getRuntime().maxMemory());
    assertThat(BufferBudget.ofProcess().held().getAsLong()).isGreaterThanOrEqualTo(0);
  }
}
