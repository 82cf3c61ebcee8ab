package org.tlsuplift.server.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.server.config.ServerConfig;

class TransportChoiceTest {
  private static TransportChoice auto(Transport untried) {
    return TransportChoice.of(ServerConfig.Transport.AUTO, untried);
  }

  @Test
  void isIoUringIfATrialWorks() {
    TransportChoice choice = auto(Transport.EPOLL);
    if (Transport.uringFailure().isEmpty()) {
      assertThat(choice.transport()).isEqualTo(Transport.IO_URING);
      assertThat(choice.text()).isEqualTo("io_uring");
    } else {
      assertThat(choice.transport()).isEqualTo(Transport.EPOLL);
      assertThat(choice.text()).startsWith("epoll, because io_uring does not work here: ");
    }
  }

  @Test
  void isTheBestOfOtherSystems() {
    assertThat(auto(Transport.KQUEUE).text()).isEqualTo("kqueue");
    assertThat(auto(Transport.NIO).text()).isEqualTo("nio");
  }

  @Test
  void isTheConfiguredTransport() {
    assertThat(TransportChoice.of(ServerConfig.Transport.EPOLL, Transport.EPOLL))
        .isEqualTo(new TransportChoice(Transport.EPOLL, ""));
  }
}
