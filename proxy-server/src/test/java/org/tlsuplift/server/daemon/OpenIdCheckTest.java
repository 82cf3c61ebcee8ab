package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.doctor.FindingJson;
import org.tlsuplift.server.doctor.FindingText;
import org.tlsuplift.server.doctor.PathFailure;
import org.tlsuplift.server.doctor.PathStep;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.feature.Finding.Outcome;
import org.tlsuplift.server.feature.Step;
import org.tlsuplift.server.signin.openid.StandInProvider;

/** What the doctor finds out about the OpenID provider, and the remedy. */
class OpenIdCheckTest {
  private static final String REDIRECT = "https://uplift.corp.example:9464/sign-in/openid/return";

  private final StandInProvider idp = new StandInProvider();
  private final List<Finding> progress = new ArrayList<>();

  private CheckResult examine() throws Exception {
    return new OpenIdCheck(StandInProvider.ISSUER, List.of(REDIRECT), idp::provider)
        .examine(progress::add);
  }

  private void failsAt(Step step, String seen, String remedy) throws Exception {
    CheckResult result = examine();
    Finding failed =
        result.findings().stream()
            .filter(each -> each.outcome() == Outcome.FAILED)
            .findFirst()
            .orElseThrow();
    assertThat(failed.step()).isEqualTo(step);
    assertThat(failed.seen()).contains(seen);
    assertThat(failed.remedy()).singleElement().asString().contains(remedy);
    assertThat(result.failureKind()).contains(PathFailure.OPENID_UNUSABLE);
    assertThat(result.findings().get(result.findings().size() - 1).seen()).contains(REDIRECT);
  }

  @Test
  void aUsableProviderPassesAndTheRedirectUriIsPrinted() throws Exception {
    idp.document.put("id_token_signing_alg_values_supported", List.of("HS256", "RS256"));
    CheckResult result = examine();
    assertThat(result.failureKind()).isEmpty();
    assertThat(progress).isEqualTo(result.findings());
    assertThat(progress)
        .extracting(Finding::step, Finding::outcome, Finding::seen)
        .containsExactly(
            tuple(
                PathStep.DISCOVERY,
                Outcome.OK,
                StandInProvider.ISSUER
                    + "/.well-known/openid-configuration has the issuer of the configuration"),
            tuple(PathStep.ALGORITHM, Outcome.OK, "RS256"),
            tuple(PathStep.KEYS, Outcome.OK, "2 for ID tokens"),
            tuple(PathStep.REDIRECT_URI, Outcome.NOTE, "the provider must have " + REDIRECT));
    assertThat(FindingText.lines(result))
        .startsWith("sign-in to the pages, at " + StandInProvider.ISSUER)
        .contains("  note     redirect-uri  the provider must have " + REDIRECT);
    assertThat(FindingJson.write(List.of(result)))
        .doesNotContain("\"listener\"")
        .contains("\"origin\" : \"" + StandInProvider.ISSUER + "\"");
  }

  @Test
  void thePageRunsTheCheckWithoutAMailListener() throws Exception {
    String admin =
        "admin: {openIdConnect: {issuer: '%s', clientId: x, roles: {viewer: v}}}\n"
            .formatted(StandInProvider.ISSUER);
    assertThat(others(admin)).containsExactly("sign-in to the pages, at " + StandInProvider.ISSUER);
    assertThat(others("")).isEmpty();
  }

  private static List<String> others(String admin) throws Exception {
    String listeners =
        "listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: modern}]\n";
    return new DoctorRuns(ConfigLoader.parse(listeners + admin, "test")).others();
  }

  @Test
  void aProviderThatListsNoAlgorithmsIsNoFailure() throws Exception {
    CheckResult result = examine();
    assertThat(result.failureKind()).isEmpty();
    assertThat(result.findings().get(1).outcome()).isEqualTo(Outcome.NOTE);
  }

  @Test
  void aProviderOutOfReachFailsWithItsRemedy() throws Exception {
    idp.unreachable();
    failsAt(PathStep.DISCOVERY, "idp.example:443 is unreachable", "let this machine reach it");
  }

  @Test
  void anotherIssuerFailsWithItsRemedy() throws Exception {
    idp.document.put("issuer", "https://idp.example/realm/");
    failsAt(
        PathStep.DISCOVERY,
        "has the issuer 'https://idp.example/realm/'",
        "write it into admin.openIdConnect.issuer");
  }

  /** As Keycloak answers for an unknown realm, and Microsoft for an unknown tenant. */
  @Test
  void anErrorInJsonIsNoIssuer() throws Exception {
    idp.document.clear();
    idp.document.put("error", "Realm does not exist");
    failsAt(
        PathStep.DISCOVERY,
        "is no discovery document: Realm does not exist",
        "correct admin.openIdConnect.issuer");
  }

  @ParameterizedTest
  @CsvSource({"authorization_endpoint", "token_endpoint", "jwks_uri"})
  void anAddressWithoutTlsFails(String endpoint) throws Exception {
    idp.document.put(endpoint, "http://idp.example/");
    failsAt(PathStep.DISCOVERY, endpoint + " of the discovery document: got", "at the provider");
  }

  @Test
  void otherAlgorithmsFail() throws Exception {
    idp.document.put("id_token_signing_alg_values_supported", List.of("HS256", "EdDSA"));
    failsAt(
        PathStep.ALGORITHM,
        "the provider signs ID tokens with [HS256, EdDSA]",
        "let it use RS256, ES256 or PS256");
  }

  @Test
  void keysThatCannotBeReadFail() throws Exception {
    idp.document.put("jwks_uri", StandInProvider.ISSUER + "/elsewhere");
    failsAt(
        PathStep.KEYS, "the keys at the provider's jwks_uri cannot be read", "no proxy on the way");
  }

  @Test
  void keysForOtherUsesFail() throws Exception {
    idp.publishKeysForOtherUses();
    failsAt(
        PathStep.KEYS,
        "none of the provider's 2 keys is for RS256, ES256 or PS256",
        "let the provider sign");
  }
}
