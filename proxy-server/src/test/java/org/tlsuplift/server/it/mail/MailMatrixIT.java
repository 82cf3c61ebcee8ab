package org.tlsuplift.server.it.mail;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;
import org.tlsuplift.server.testing.AtOnce;

/** Every form of TLS on the device's side to every form on the origin's, in every protocol. */
class MailMatrixIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final List<String> DOWNSTREAM = List.of("starttls", "implicit", "optional");

  private static Daemon daemon;
  private static PostOffice only12;
  private static PostOffice only13;

  @BeforeAll
  static void start() {
    TestCa ca = new TestCa(lab);
    Identity identity = ca.issue("localhost");
    CompletableFuture<PostOffice> starting =
        AtOnce.supply(() -> PostOffice.start(lab, identity, OriginVersions.ONLY_1_2));
    only13 = PostOffice.start(lab, identity, OriginVersions.ONLY_1_3);
    only12 = starting.join();
    List<MailListener> listeners = new ArrayList<>();
    for (Mail mail : Mail.values()) {
      for (TlsForm upstream : TlsForm.values()) {
        for (String downstream : DOWNSTREAM) {
          listeners.add(MailListener.to(only12.origin(mail, upstream), downstream, "-12"));
          listeners.add(MailListener.to(only13.origin(mail, upstream), downstream, "-13"));
        }
      }
    }
    daemon = Daemon.start(lab, MailListener.yaml(ca, listeners.toArray(MailListener[]::new)));
  }

  /**
   * One way through the daemon.
   *
   * @param form when the device wants TLS to begin
   * @param downstream what its listener is set to
   * @param upstream when TLS begins at the origin
   * @param version the only one of the origin
   */
  private record Case(
      MailDevice device,
      Mail mail,
      TlsForm form,
      String downstream,
      TlsForm upstream,
      String version) {
    String listener() {
      return String.join("-", mail.label(), downstream, upstream.label(), version);
    }

    @Override
    public String toString() {
      return device + ": " + form.label() + " on " + listener();
    }
  }

  private static Stream<Case> everyCombination() {
    return cases(
        new CurlMailDevice(lab, "1.0"),
        form -> List.of(form.label(), "optional"),
        List.of("12", "13"));
  }

  private static Stream<Case> everyOtherDevice() {
    return MailDevices.tls10(lab).stream()
        .filter(device -> !(device instanceof CurlMailDevice))
        .flatMap(device -> cases(device, form -> List.of(form.label()), List.of("13")));
  }

  private static Stream<Case> everyDeviceOfTls11() {
    return MailDevices.tls11(lab).stream()
        .flatMap(device -> cases(device, form -> List.of(form.label()), List.of("12")))
        .filter(each -> each.upstream() == TlsForm.STARTTLS);
  }

  private static Stream<Case> cases(
      MailDevice device, Function<TlsForm, List<String>> downstreams, List<String> versions) {
    List<Case> cases = new ArrayList<>();
    for (Mail mail : device.speaks()) {
      for (TlsForm form : TlsForm.values()) {
        for (String downstream : downstreams.apply(form)) {
          for (TlsForm upstream : TlsForm.values()) {
            for (String version : versions) {
              cases.add(new Case(device, mail, form, downstream, upstream, version));
            }
          }
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"everyCombination", "everyOtherDevice", "everyDeviceOfTls11"})
  void upgrades(Case each) {
    Way way = Way.fixed(daemon, each.listener(), each.mail(), each.form());
    MailExchange exchange =
        each.version().equals("13")
            ? new MailExchange(daemon, only13, "TLSv1.3")
            : new MailExchange(daemon, only12, "TLSv1.2");
    exchange.by(each.device(), way, each.listener());
  }
}
