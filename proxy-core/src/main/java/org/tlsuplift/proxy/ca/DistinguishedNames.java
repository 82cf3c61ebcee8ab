package org.tlsuplift.proxy.ca;

import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;

/** Distinguished names in the string types that the oldest parsers know. */
final class DistinguishedNames {
  private DistinguishedNames() {}

  /** Starts a name with all parts of another name. */
  static X500NameBuilder below(X500Name base) {
    X500NameBuilder builder = new X500NameBuilder(BCStyle.INSTANCE);
    for (RDN part : base.getRDNs()) {
      builder.addMultiValuedRDN(part.getTypesAndValues());
    }
    return builder;
  }

  /**
   * PrintableString if the characters allow it, otherwise UTF8String (RFC 5280 section 4.1.2.4).
   */
  static void add(X500NameBuilder builder, ASN1ObjectIdentifier type, String value) {
    ASN1Encodable encoded =
        DERPrintableString.isPrintableString(value)
            ? new DERPrintableString(value)
            : new DERUTF8String(value);
    builder.addRDN(type, encoded);
  }
}
