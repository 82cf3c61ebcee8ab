package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.server.config.ConfigLoader;

/** The redirect URIs that an OpenID provider must have. */
class OpenIdSourceTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bind: '0.0.0.0:9464', tls: auto, serverNames: [uplift.corp.example, 10.1.2.3] |"
            + " https://uplift.corp.example:9464/sign-in/openid/return"
            + " https://10.1.2.3:9464/sign-in/openid/return",
        "bind: '10.1.2.3:443', tls: auto | https://10.1.2.3/sign-in/openid/return",
        "bind: '[::1]:9464' | http://[::1]:9464/sign-in/openid/return",
        "bind: '127.0.0.1:4430', externalUrl: 'https://uplift.corp.example'"
            + " | https://uplift.corp.example/sign-in/openid/return",
        "bind: '127.0.0.1:4430', EXTERNAL | https://admin.corp.example/uplift/sign-in/openid/return"
      })
  void areThoseOfThePages(String admin, String redirectUris) throws Exception {
    assertThat(
            OpenIdSource.redirectUris(
                ConfigLoader.parse(
                        """
                        listeners:
                          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
                        routes: [{to: [microsoft365], action: bridge}]
                        admin: {%s, openIdConnect: {issuer: 'https://idp.example', clientId: x, roles: {viewer: v}%s}}
                        """
                            .formatted(
                                admin.replace(", EXTERNAL", ""),
                                admin.contains("EXTERNAL")
                                    ? ", externalUrl: 'https://admin.corp.example/uplift/'"
                                    : ""),
                        "test")
                    .config()
                    .admin()))
        .containsExactly(redirectUris.split(" ", -1));
  }
}
