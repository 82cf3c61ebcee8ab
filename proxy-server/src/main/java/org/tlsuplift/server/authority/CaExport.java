package org.tlsuplift.server.authority;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSAbsentContent;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.process.FileModes;
import org.tlsuplift.server.process.PemFile;

/** Exports the CA's certificate, never its key, in the formats that device web pages accept. */
public final class CaExport {
  private CaExport() {}

  /** A format and its usual file extension. */
  public enum Format {
    /** Base64 text (RFC 7468), which most device pages accept. */
    PEM("pem"),
    /** Binary, under the extension that Windows opens. */
    DER("cer"),
    /** A PKCS#7 file with certificates (RFC 5652, certs-only), for device pages that require it. */
    PKCS7("p7b");

    private final String extension;

    Format(String extension) {
      this.extension = extension;
    }

    public String extension() {
      return extension;
    }
  }

  public static byte[] encode(X509Certificate certificate, Format format) {
    try {
      return switch (format) {
        case PEM -> PemFile.block("CERTIFICATE", certificate.getEncoded());
        case DER -> certificate.getEncoded();
        case PKCS7 -> {
          CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
          generator.addCertificates(new JcaCertStore(List.of(certificate)));
          yield generator.generate(new CMSAbsentContent()).getEncoded(ASN1Encoding.DER);
        }
      };
    } catch (GeneralSecurityException | CMSException | IOException broken) {
      throw new IllegalStateException("a certificate that was read cannot be written", broken);
    }
  }

  /**
   * Writes the certificate to a new or existing file that all users can read.
   *
   * @throws OperatorException when the file cannot be written
   */
  public static void write(X509Certificate certificate, Format format, Path file)
      throws OperatorException {
    try (FileChannel channel = FileModes.open(file, FileModes.Readers.ALL)) {
      channel.truncate(0);
      Channels.newOutputStream(channel).write(encode(certificate, format));
    } catch (IOException failed) {
      throw OperatorException.of("write", file, failed);
    }
  }
}
