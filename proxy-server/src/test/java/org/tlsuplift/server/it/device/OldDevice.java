package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.tlsuplift.server.it.device.Device.Visit;
import org.tlsuplift.server.it.device.Device.Way;

/**
 * A device with what it should agree to.
 *
 * @param device the device
 * @param version the version in its own words
 * @param suite the suite in its own words
 */
public record OldDevice(Device device, String version, String suite) {
  public static final String ECDHE = "ECDHE-RSA-AES128-SHA";
  static final String ECDSA = "ECDHE-ECDSA-AES128-SHA";
  static final String STATIC = "AES128-SHA";

  /** The best that a TLS 1.0 device of the OpenSSL family can agree to, and no more. */
  public static OldDevice openssl10() {
    return new OldDevice(new OpensslDevice("-tls1", ECDHE), "TLSv1", ECDHE);
  }

  public static OldDevice curl10() {
    return new OldDevice(new CurlDevice("1.0", ECDHE), "TLSv1", ECDHE);
  }

  public static OldDevice node10() {
    return new OldDevice(new NodeDevice("8", "TLSv1_method", "ALL"), "TLSv1", ECDSA);
  }

  public static OldDevice gnutls10() {
    return new OldDevice(
        new GnutlsDevice("NORMAL:-VERS-ALL:+VERS-TLS1.0:-GROUP-ALL:+GROUP-SECP256R1"),
        "TLS1.0",
        "(ECDHE-SECP256R1)-(AES-128-CBC)-(SHA1)");
  }

  /** Visits an origin; both ends must have agreed to what they should, and the content is there. */
  public void visits(Way way, String answer) {
    Visit visit = device.visit(way);
    assertThat(visit.version()).as(visit.toString()).isEqualTo(version);
    assertThat(visit.suite()).as(visit.toString()).isEqualTo(suite);
    assertThat(visit.run().output()).contains(answer);
  }

  @Override
  public String toString() {
    return device.toString();
  }
}
