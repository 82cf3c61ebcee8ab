package org.tlsuplift.server.microsoft365;

import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.route.HostPattern;

/**
 * Names of Microsoft's list that reach much more than Microsoft 365, so that only {@code
 * microsoft365:all} has them.
 *
 * <p>A content delivery network serves the sites of all its customers from the same addresses and
 * often under one certificate, so a device that may reach one of its names may reach them all.
 */
final class SharedNames {
  /** Domains in which other people have names: content delivery networks and hosting. */
  private static final List<String> NETWORKS =
      List.of(
          "akamaihd.net",
          "akamaized.net",
          "akamai.net",
          "edgekey.net",
          "edgesuite.net",
          "aspnetcdn.com",
          "azure-apim.net",
          "azureedge.net",
          "azurefd.net",
          "azurewebsites.net",
          "blob.core.usgovcloudapi.net",
          "blob.core.windows.net",
          "cdnsvc.com",
          "cloudapp.azure.com",
          "cloudapp.net",
          "cloudfront.net",
          "fastly.net",
          "mediaservices.windows.net",
          "msecnd.net",
          "msedge.net",
          "trafficmanager.net");

  /** Other services. */
  private static final List<String> SERVICES =
      List.of(
          "bing.com",
          "bing.net",
          "linkedin.com",
          "msn.com",
          "virtualearth.net",
          "visualstudio.com",
          "skype.com");

  /** Public certificate authorities, whose hosts serve everybody's certificates. */
  private static final List<String> AUTHORITIES =
      List.of(
          "digicert.com",
          "entrust.net",
          "geotrust.com",
          "globalsign.com",
          "globalsign.net",
          "identrust.com",
          "letsencrypt.org",
          "msocsp.com",
          "omniroot.com",
          "public-trust.com",
          "symcb.com",
          "symcd.com",
          "verisign.com",
          "verisign.net",
          "crl.microsoft.com",
          "mscrl.microsoft.com",
          "oneocsp.microsoft.com",
          "www.microsoft.com");

  /** Whole companies: the pattern is too wide, not each name below it. */
  private static final Set<String> TOO_WIDE =
      Set.of(
          "*.azure.com",
          "*.chinacloudapi.cn",
          "*.live.com",
          "*.microsoft.com",
          "*.onmicrosoft.com",
          "*.windows.net",
          "*.windowsazure.cn");

  private SharedNames() {}

  static boolean contain(HostPattern host) {
    String text = host.toString();
    return TOO_WIDE.contains(text)
        || isIn(NETWORKS, text)
        || isIn(SERVICES, text)
        || isIn(AUTHORITIES, text);
  }

  private static boolean isIn(List<String> domains, String name) {
    return domains.stream().anyMatch(domain -> name.equals(domain) || name.endsWith("." + domain));
  }
}
