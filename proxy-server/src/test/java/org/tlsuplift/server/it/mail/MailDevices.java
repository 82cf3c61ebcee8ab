package org.tlsuplift.server.it.mail;

import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.peer.OriginVersions;

/** The mail programs that take part, each limited to one old version. */
public final class MailDevices {
  private MailDevices() {}

  /** One of each family, with TLS 1.0 only. */
  public static List<MailDevice> tls10(Lab lab) {
    return List.of(
        new CurlMailDevice(lab, "1.0"),
        new OpensslMailDevice("-tls1"),
        new PythonMailDevice(lab, "TLSv1", "EHLO"),
        new SwaksDevice(lab, "TLSv1", "--auth", "LOGIN"),
        new SwaksDevice(lab, "TLSv1", "--auth", "PLAIN"),
        new MsmtpDevice(lab, "TLS1.0"),
        new SnailDevice(lab, "TLSv1"),
        new NodemailerDevice(lab),
        new FetchmailDevice(lab, new OriginVersions("TLSv1", "TLSv1")),
        new MbsyncDevice(lab, "1.0"));
  }

  /** Some with TLS 1.1 only. */
  static List<MailDevice> tls11(Lab lab) {
    return List.of(
        new CurlMailDevice(lab, "1.1"),
        new SwaksDevice(lab, "TLSv1.1", "--auth", "LOGIN"),
        new MsmtpDevice(lab, "TLS1.1"),
        new SnailDevice(lab, "TLSv1.1"),
        new FetchmailDevice(lab, new OriginVersions("TLSv1.1", "TLSv1.1")));
  }

  static Stream<MailDevice> all(Lab lab) {
    return Stream.concat(tls10(lab).stream(), tls11(lab).stream());
  }

  /** The version that a device is limited to, as OpenSSL says it. */
  static String version(MailDevice device) {
    return device.toString().contains("1.1") || device.toString().contains("1_1")
        ? "TLSv1.1"
        : "TLSv1";
  }
}
