package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.SignInConfig;

class TestMailSetupTest {
  private static SignInConfig.Account account(String... networks) {
    return new SignInConfig.Account(
        "fax",
        "hash",
        Stream.of(networks).map(Cidr::parse).toList(),
        "fax@contoso.example",
        null,
        null,
        List.of(),
        false,
        SignInConfig.SendBy.SMTP);
  }

  @Test
  void namesTheNetworksOfAnAccountThatRefusesTheTestMessage() {
    InetAddress here = InetAddress.getLoopbackAddress();
    assertThat(TestMailSetup.notAdmitted(account("10.1.2.0/24"), here))
        .hasValueSatisfying(
            why ->
                assertThat(why)
                    .contains("comes from 127.0.0.1", "limited to 10.1.2.0/24: add this address"));
    assertThat(TestMailSetup.notAdmitted(account("10.1.2.0/24", "127.0.0.0/8"), here)).isEmpty();
    assertThat(TestMailSetup.notAdmitted(account(), here)).isEmpty();
    assertThat(TestMailSetup.notAdmitted(null, here)).isEmpty();
  }
}
