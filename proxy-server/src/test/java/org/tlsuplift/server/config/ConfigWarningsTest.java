package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What runs, but is told about. */
class ConfigWarningsTest {
  @Test
  void whatIsHardlyMeant() throws Exception {
    LoadedConfig loaded =
        ConfigLoader.parse(
            """
            devices: {allow: [10.0.0.0/8, 0.0.0.0/0]}
            listeners:
              - name: submission
                bind: 127.0.0.1:0
                accept: fixed
                profile: legacy
                origin: smtp-legacy.office365.com:587
            routes:
              - {to: ["smtp-legacy.office365.com:587"], action: bridge}
              - {to: ["*:*"], action: tunnel}
              - {to: ["*"], action: deny}
            limits: {maxSessions: 10}
            """,
            "test");
    assertThat(loaded.warnings())
        .extracting(ConfigProblem::toString)
        .containsExactly(
            "devices.allow: '0.0.0.0/0' admits every address of its kind; an open proxy is soon"
                + " found and abused; name the networks of your devices",
            "listeners[0].origin: 'smtp-legacy.office365.com' is Microsoft's endpoint for TLS 1.0"
                + " and 1.1; behind TLS Uplift it is not needed; write 'smtp.office365.com'",
            "routes[0].to[0]: 'smtp-legacy.office365.com' is Microsoft's endpoint for TLS 1.0 and"
                + " 1.1; behind TLS Uplift it is not needed; write 'smtp.office365.com'",
            "routes[1].to[0]: '*:*' means every host and address; devices then reach what this"
                + " machine reaches; name what they need",
            "limits.maxSessionsPerDevice: '100' is never reached; limits.maxSessions is 10");
  }
}
