package org.tlsuplift.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ServiceLoader;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.Extension;
import org.opentest4j.TestAbortedException;

class MissingPeersTest {
  @Test
  void findsTheSkipInsideTheFailureOfAWorkerThread() {
    TestAbortedException skip = new TestAbortedException("swaks is missing");
    AssertionError failure = new AssertionError("a device failed", new ExecutionException(skip));
    assertThat(MissingPeers.unwrapped(failure)).isSameAs(skip);
    assertThat(MissingPeers.unwrapped(skip)).isSameAs(skip);
  }

  @Test
  void leavesOtherFailuresAlone() {
    AssertionError failure = new AssertionError("wrong", new IllegalStateException("cause"));
    assertThat(MissingPeers.unwrapped(failure)).isSameAs(failure);
  }

  @Test
  void isLoadedByJUnit() {
    assertThat(ServiceLoader.load(Extension.class)).hasAtLeastOneElementOfType(MissingPeers.class);
  }
}
