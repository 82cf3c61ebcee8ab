package org.tlsuplift.server.pages;

import java.util.List;

/**
 * What the page about certificates shows, in texts.
 *
 * @param frame around it
 * @param authorities whom devices have to trust
 * @param guides where they take a certificate
 */
record CertificatePage(PageFrame frame, List<Shown> authorities, List<InstallGuide> guides) {
  /**
   * An authority.
   *
   * @param title whose it is
   * @param note which devices need it
   * @param subject its name
   * @param validity from when to when
   * @param sha256 fingerprint
   * @param sha1 fingerprint, to compare on older devices
   * @param signs what it may sign, one line each
   * @param files to download
   */
  record Shown(
      String title,
      String note,
      String subject,
      String validity,
      String sha256,
      String sha1,
      List<String> signs,
      List<File> files) {}

  /**
   * A form of the certificate.
   *
   * @param label what it is
   * @param link where it is
   */
  record File(String label, String link) {}
}
