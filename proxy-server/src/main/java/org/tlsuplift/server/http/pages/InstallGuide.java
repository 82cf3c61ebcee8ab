package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.Locale;
import org.tlsuplift.server.authority.CaExport.Format;

/**
 * How to install a CA certificate on a maker's devices, step by step.
 *
 * @param file the format that they accept
 * @param steps texts; a step that begins with {@code $} is a command
 */
public record InstallGuide(String maker, Format file, List<String> steps) {
  /** The most common systems. Menus differ by model. */
  public static final List<InstallGuide> ALL =
      List.of(
          new InstallGuide(
              "HP LaserJet, PageWide, OfficeJet Pro",
              Format.DER,
              List.of(
                  "Open the device's web page (Embedded Web Server) and sign in as administrator.",
                  "Open Security (older models: Networking) › Certificate Management or"
                      + " Certificates › CA Certificates.",
                  "Select Install or Import and choose the file.")),
          new InstallGuide(
              "Canon imageRUNNER, i-SENSYS",
              Format.DER,
              List.of(
                  "Open the Remote UI and sign in as administrator.",
                  "Open Settings/Registration › Device Management › CA Certificate Settings.",
                  "Select Register CA Certificate and choose the file.")),
          new InstallGuide(
              "Ricoh",
              Format.PEM,
              List.of(
                  "Open Web Image Monitor and sign in as administrator.",
                  "Open Device Management › Configuration › Security › Site Certificate.",
                  "Choose the file and import it.",
                  "If the device should verify certificates, switch Site Certificate Check on.")),
          new InstallGuide(
              "Xerox VersaLink, AltaLink, WorkCentre",
              Format.DER,
              List.of(
                  "Open the device's web page (CentreWare Internet Services) and sign in as"
                      + " administrator.",
                  "Open Properties or System › Security › Certificates (Security Certificates) ›"
                      + " Root/Intermediate Trusted Certificates.",
                  "Select Import and choose the file.")),
          new InstallGuide(
              "Konica Minolta bizhub",
              Format.DER,
              List.of(
                  "Open Web Connection and sign in as administrator.",
                  "Open Security › PKI Settings › External Certificate Setting and choose Trusted"
                      + " CA Root Certificate.",
                  "Select New Registration and choose the file.")),
          new InstallGuide(
              "Kyocera ECOSYS, TASKalfa",
              Format.PEM,
              List.of(
                  "Open Command Center RX and sign in as administrator.",
                  "Open Security Settings › Certificates › Root Certificate and select Settings"
                      + " beside a free place.",
                  "Select Import and choose the file.")),
          new InstallGuide(
              "Brother",
              Format.DER,
              List.of(
                  "Open the device's web page (Web Based Management) and sign in.",
                  "Open Network › Security › CA Certificate.",
                  "Select Import CA Certificate and choose the file.",
                  "In the mail settings, switch on the verification of the server certificate.")),
          new InstallGuide(
              "Epson WorkForce",
              Format.DER,
              List.of(
                  "Open Web Config and sign in as administrator.",
                  "Open Network Security › CA Certificate.",
                  "Select Import and choose the file.")),
          new InstallGuide(
              "Other devices",
              Format.PEM,
              List.of(
                  "Look for trusted certificates, root certificates or CA certificates on the"
                      + " device's web page.",
                  "Try the .pem file. A device that asks for DER or binary accepts .cer. A few"
                      + " devices ask for PKCS#7: use .p7b.",
                  "If the device has no such setting, it may not verify certificates at all, or it"
                      + " may have a switch for that.")),
          new InstallGuide(
              "Windows",
              Format.DER,
              List.of(
                  "For one machine, as administrator:",
                  "$certutil -addstore Root tls-uplift-ca.cer",
                  "For many machines, use a Group Policy: Computer Configuration › Policies ›"
                      + " Windows Settings › Security Settings › Public Key Policies › Trusted Root"
                      + " Certification Authorities.",
                  "Programs with their own store, such as Firefox and Java, need it there"
                      + " too.")),
          new InstallGuide(
              "macOS",
              Format.PEM,
              List.of(
                  "For one machine:",
                  "$sudo security add-trusted-cert -d -r trustRoot -k"
                      + " /Library/Keychains/System.keychain tls-uplift-ca.pem",
                  "For many machines, distribute a configuration profile with the certificate"
                      + " through your device management.")),
          new InstallGuide(
              "Linux",
              Format.PEM,
              List.of(
                  "Debian and Ubuntu:",
                  "$cp tls-uplift-ca.pem /usr/local/share/ca-certificates/tls-uplift-ca.crt &&"
                      + " update-ca-certificates",
                  "Red Hat, Fedora, Rocky Linux and similar:",
                  "$cp tls-uplift-ca.pem /etc/pki/ca-trust/source/anchors/ && update-ca-trust")),
          new InstallGuide(
              "Java programs",
              Format.PEM,
              List.of(
                  "For all programs of one Java runtime. The password is changeit unless somebody"
                      + " changed it. Restart the programs afterwards:",
                  "$keytool -importcert -cacerts -alias tls-uplift -file tls-uplift-ca.pem",
                  "Java 8 and older do not know -cacerts:",
                  "$keytool -importcert -keystore \"$JAVA_HOME/jre/lib/security/cacerts\" -alias"
                      + " tls-uplift -file tls-uplift-ca.pem")),
          new InstallGuide(
              "Node.js programs",
              Format.PEM,
              List.of(
                  "Node.js 7.3 and later: set the variable before the program starts:",
                  "$export NODE_EXTRA_CA_CERTS=/etc/ssl/tls-uplift-ca.pem",
                  "Older versions need the option ca in tls.connect or https.request of the"
                      + " program.")),
          new InstallGuide(
              "Android",
              Format.DER,
              List.of(
                  "Copy the file to the device.",
                  "Open Settings › Security › Encryption & credentials › Install a certificate › CA"
                      + " certificate and choose the file.",
                  "Apps trust it only if they opt in. The system's browser does.")));

  /** The anchor of the card, the same as that of the manual's section. */
  public String anchor() {
    return maker.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 _-]", "").replace(' ', '-');
  }

  /** The maker alone. */
  public String shortName() {
    return maker.replaceAll("^(HP|Canon|Xerox|Konica Minolta|Kyocera|Epson)\\b.*", "$1");
  }
}
