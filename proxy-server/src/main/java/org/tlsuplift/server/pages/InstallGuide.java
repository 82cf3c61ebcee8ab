package org.tlsuplift.server.pages;

import java.util.List;

/**
 * Where a maker's devices take a CA certificate.
 *
 * @param maker whose
 * @param steps what to do; text, or a command when it begins with {@code $}
 */
record InstallGuide(String maker, List<String> steps) {
  /** The most common systems. Menus differ by model. */
  static final List<InstallGuide> ALL =
      List.of(
          new InstallGuide(
              "HP LaserJet, PageWide, OfficeJet Pro",
              List.of(
                  "Open the device's web page (Embedded Web Server) and sign in as administrator.",
                  "Security (on older models Networking), then Certificate Management or"
                      + " Certificates, then CA Certificates: Install or Import, and choose the .cer"
                      + " or the .pem file.")),
          new InstallGuide(
              "Canon imageRUNNER, i-SENSYS",
              List.of(
                  "Open the Remote UI and sign in as administrator.",
                  "Settings/Registration, then Device Management, then CA Certificate Settings (Register"
                      + " CA Certificate): choose the .cer file.")),
          new InstallGuide(
              "Ricoh",
              List.of(
                  "Open Web Image Monitor and sign in as administrator.",
                  "Device Management, then Configuration, then Security, then Site Certificate: choose the"
                      + " .pem or the .cer file and import it. Where certificates are checked, switch"
                      + " \"Site Certificate Check\" on.")),
          new InstallGuide(
              "Xerox VersaLink, AltaLink, WorkCentre",
              List.of(
                  "Open the device's web page (CentreWare Internet Services) and sign in as administrator.",
                  "Properties or System, then Security, then Certificates (Security Certificates), then"
                      + " Root/Intermediate Trusted Certificates: Import, and choose the .cer or the .pem"
                      + " file.")),
          new InstallGuide(
              "Konica Minolta bizhub",
              List.of(
                  "Open the Web Connection and sign in as administrator.",
                  "Security, then PKI Settings, then External Certificate Setting, with Trusted CA Root"
                      + " Certificate chosen: New Registration, and choose the .cer file.")),
          new InstallGuide(
              "Kyocera ECOSYS, TASKalfa",
              List.of(
                  "Open the Command Center RX and sign in as administrator.",
                  "Security Settings, then Certificates, then Root Certificate: Settings beside a free"
                      + " place, then Import, and choose the .pem or the .cer file.")),
          new InstallGuide(
              "Brother",
              List.of(
                  "Open the device's web page (Web Based Management) and sign in.",
                  "Network, then Security, then CA Certificate: Import CA Certificate, and choose the .cer"
                      + " or the .pem file. Have the mail settings verify the server certificate.")),
          new InstallGuide(
              "Epson WorkForce",
              List.of(
                  "Open Web Config and sign in as administrator.",
                  "Network Security, then CA Certificate: Import, and choose the .cer or the .pem file.")),
          new InstallGuide(
              "Windows",
              List.of(
                  "For one machine, as administrator:",
                  "$certutil -addstore Root tls-uplift-ca.cer",
                  "For many: a Group Policy, under Computer Configuration, Policies, Windows Settings,"
                      + " Security Settings, Public Key Policies, Trusted Root Certification Authorities.",
                  "Programs with a store of their own, such as Firefox or Java, have to be told as well.")),
          new InstallGuide(
              "Java programs",
              List.of(
                  "For all programs of one Java (the password is changeit, if nobody changed it); restart"
                      + " them afterwards:",
                  "$keytool -importcert -cacerts -alias tls-uplift -file tls-uplift-ca.pem",
                  "Java 8 and older has no -cacerts: name the file instead.",
                  "$keytool -importcert -keystore \"$JAVA_HOME/jre/lib/security/cacerts\" -alias tls-uplift"
                      + " -file tls-uplift-ca.pem")),
          new InstallGuide(
              "Linux",
              List.of(
                  "Debian and Ubuntu, with the .pem file under the extension .crt:",
                  "$cp tls-uplift-ca.pem /usr/local/share/ca-certificates/tls-uplift-ca.crt &&"
                      + " update-ca-certificates",
                  "Red Hat and its kin:",
                  "$cp tls-uplift-ca.pem /etc/pki/ca-trust/source/anchors/ && update-ca-trust")),
          new InstallGuide(
              "Anything else",
              List.of(
                  "Look for \"trusted certificates\", \"root certificates\" or \"CA certificates\" on the"
                      + " device's web page. Most take .pem; those that ask for DER or binary take .cer, and"
                      + " a few ask for PKCS#7: .p7b.",
                  "A device that has no such place may not check certificates at all, or has a switch for"
                      + " that. One that can do neither needs a listener with a certificate of its own:"
                      + " see the README.")));
}
