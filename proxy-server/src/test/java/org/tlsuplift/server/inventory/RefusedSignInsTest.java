package org.tlsuplift.server.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.outcome.SignInOutcome;

class RefusedSignInsTest {
  private final RefusedSignIns refused = new RefusedSignIns();

  private void signIn(String address, SignInOutcome outcome, String detail) {
    refused
        .sessionOpened(new SessionId(1), "mail", new InetSocketAddress(address, 4711))
        .signedIn(new DeviceSignIn(MailProtocol.SMTP, outcome, null, false, detail));
  }

  @Test
  void remembersTheLatestRefusalUntilTheDeviceSignsIn() {
    signIn("10.0.0.1", SignInOutcome.BAD_CREDENTIALS, "no account has the login 'fax'");
    signIn("10.0.0.1", SignInOutcome.BAD_CREDENTIALS, "wrong password for login 'fax'");
    signIn("2001:db8:0::7", SignInOutcome.TOKEN_REFUSED, "no token");
    signIn("10.0.0.1", SignInOutcome.ABANDONED, "");
    assertThat(refused.of("10.0.0.1").orElseThrow().detail())
        .isEqualTo("wrong password for login 'fax'");
    assertThat(refused.of("2001:db8::7").orElseThrow().outcome())
        .isEqualTo(SignInOutcome.TOKEN_REFUSED);
    signIn("10.0.0.1", SignInOutcome.SIGNED_IN, "");
    assertThat(refused.of("10.0.0.1")).isEmpty();
  }
}
