package org.tlsuplift.server.microsoft365;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.EndpointSet;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.route.Ports;

/**
 * The part of a list that a {@link ListName} stands for.
 *
 * <p>Every name and block of an entry is allowed on every TCP port of that entry. The blocks of an
 * entry are the addresses of its exact names.
 */
final class Selection {
  private static final Set<Integer> SUBMISSION = Set.of(25, 465, 587);
  private static final Set<Integer> MAIL = Set.of(25, 110, 143, 465, 587, 993, 995);

  /**
   * The port on which servers receive mail from anyone, without a sign-in. Only the names that say
   * so have it.
   */
  private static final int RECEIVING = 25;

  /**
   * GCC High's host for SMTP. Its list has it on ports 80 and 443 only, as part of {@code
   * *.office365.us}; programs of 2026 send mail there.
   */
  private static final Destination GCC_HIGH_MAIL = Destination.parse("smtp.office365.us:587");

  /**
   * China's host for IMAP and POP3, and an alias for SMTP. Its list has {@code
   * *.partner.outlook.cn} on these ports, which does not contain this name; programs of 2026 read
   * mail there.
   */
  private static final Destination CHINA_MAIL = Destination.parse("partner.outlook.cn:587,993,995");

  /**
   * Hosts of High Volume Email, which the list has on other ports only
   * (learn.microsoft.com/exchange/mail-flow-best-practices/high-volume-mails-m365).
   */
  private static final List<Destination> HVE =
      List.of(
          Destination.parse("smtp.hve.mx.microsoft:587"),
          Destination.parse("smtp-hve.office365.com:587"));

  /**
   * The mail host of Azure Communication Services
   * (learn.microsoft.com/azure/communication-services).
   */
  private static final List<Destination> AZURE_COMMUNICATION =
      List.of(Destination.parse("smtp.azurecomm.net:587"));

  /**
   * Google's hosts for submission, relay, IMAP and POP3
   * (developers.google.com/gmail/imap/imap-smtp, knowledge.workspace.google.com). Port 25 of the
   * relay is left out: 465 and 587 do the same.
   */
  private static final List<Destination> GOOGLE_MAIL =
      List.of(
          Destination.parse("smtp.gmail.com:465,587"),
          Destination.parse("smtp-relay.gmail.com:465,587"),
          Destination.parse("imap.gmail.com:993"),
          Destination.parse("pop.gmail.com:995"));

  private final ListName name;
  private final PublishedList list;
  private final List<Destination> destinations = new ArrayList<>();
  private final List<EndpointSet> sets = new ArrayList<>();

  private Selection(ListName name, PublishedList list) {
    this.name = name;
    this.list = list;
  }

  static EndpointList of(ListName name, PublishedList list) {
    return switch (name) {
      case HVE -> new EndpointList(name.label(), HVE, List.of());
      case AZURE_COMMUNICATION -> new EndpointList(name.label(), AZURE_COMMUNICATION, List.of());
      case GOOGLE_MAIL -> new EndpointList(name.label(), GOOGLE_MAIL, List.of());
      case MICROSOFT365, EXCHANGE, SHAREPOINT, MX, ALL -> new Selection(name, list).published();
    };
  }

  private EndpointList published() {
    for (EndpointEntry entry : list.entries()) {
      if (includes(entry)) {
        add(entry);
      }
    }
    if (name != ListName.SHAREPOINT && name != ListName.MX) {
      switch (list.cloud()) {
        case GCC_HIGH -> destinations.add(GCC_HIGH_MAIL);
        case CHINA -> destinations.add(CHINA_MAIL);
        case WORLDWIDE, DOD -> {}
      }
    }
    return new EndpointList(name.label(), destinations, sets);
  }

  private boolean includes(EndpointEntry entry) {
    return switch (name) {
      case ALL -> true;
      case EXCHANGE -> isExchange(entry) || signsIn(entry);
      case SHAREPOINT -> isSharePoint(entry) || signsIn(entry);
      case MX -> receivesMail(entry);
      case MICROSOFT365 -> isExchange(entry) || isSharePoint(entry) || signsIn(entry);
      case HVE, AZURE_COMMUNICATION, GOOGLE_MAIL -> false;
    };
  }

  /** Microsoft does not require mail protocols; devices do. */
  private static boolean isExchange(EndpointEntry entry) {
    return entry.area().equals("Exchange")
        && (entry.required() || (entry.tcp() != null && hasMailPort(entry.tcp())));
  }

  private static boolean hasMailPort(Ports ports) {
    for (int port : MAIL) {
      if (ports.contains(port)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Hosts to which devices submit mail also have port 587. The MX host of a customer is a name
   * below a pattern; exact names in the same entry are other services.
   */
  private static boolean receivesMail(EndpointEntry entry) {
    return entry.area().equals("Exchange")
        && entry.tcp() != null
        && entry.tcp().contains(RECEIVING)
        && !entry.tcp().contains(587);
  }

  private static boolean isSharePoint(EndpointEntry entry) {
    return entry.area().equals("SharePoint") && entry.required();
  }

  /** The sets of Common with the hosts of the identity platform. An id never changes. */
  private boolean signsIn(EndpointEntry entry) {
    Set<Integer> ids =
        switch (list.cloud()) {
          case WORLDWIDE -> Set.of(56, 59);
          case GCC_HIGH, DOD -> Set.of(13, 14);
          case CHINA -> Set.of(9, 10, 13, 17, 23);
        };
    return entry.area().equals("Common") && ids.contains(entry.id());
  }

  private void add(EndpointEntry entry) {
    if (entry.tcp() != null) {
      ports(entry.tcp()).ifPresent(ports -> add(entry, ports));
    }
  }

  /** The ports of an entry that this name has. */
  private Optional<Ports> ports(Ports listed) {
    return switch (name) {
      case ALL -> Optional.of(listed);
      case MX -> Optional.of(new Ports(List.of(new Ports.Range(RECEIVING, RECEIVING))));
      case MICROSOFT365, EXCHANGE, SHAREPOINT, HVE, AZURE_COMMUNICATION, GOOGLE_MAIL ->
          listed.without(RECEIVING);
    };
  }

  private void add(EndpointEntry entry, Ports ports) {
    List<String> exact = new ArrayList<>();
    for (HostPattern host : entry.names()) {
      if (name == ListName.ALL
          || (name == ListName.MX && host instanceof HostPattern.Starred)
          || (name != ListName.MX && !SharedNames.contain(host))) {
        destinations.add(new Destination(host, ports));
        if (host instanceof HostPattern.Exact one) {
          exact.add(one.name());
        }
      }
    }
    for (Cidr block : entry.blocks()) {
      destinations.add(new Destination(new HostPattern.Subnet(block), ports));
    }
    // The first name is the one for devices that name none: the unified domain is too new for them.
    exact.sort(Comparator.comparing(host -> host.endsWith(".microsoft")));
    place(exact, entry.blocks(), ports);
  }

  /**
   * Says which names are at which addresses. A set may mix mail hosts; then those that are called
   * smtp have the ports of SMTP, and the others the rest.
   */
  private void place(List<String> names, List<Cidr> blocks, Ports ports) {
    List<String> smtp = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String host : names) {
      (host.startsWith("smtp.") ? smtp : others).add(host);
    }
    List<Ports.Range> submission = new ArrayList<>();
    List<Ports.Range> rest = new ArrayList<>();
    for (Ports.Range range : ports.ranges()) {
      for (int port = range.first(); port <= range.last(); port++) {
        (SUBMISSION.contains(port) ? submission : rest).add(new Ports.Range(port, port));
      }
    }
    if (smtp.isEmpty() || others.isEmpty() || submission.isEmpty() || rest.isEmpty()) {
      placed(names, blocks, ports);
    } else {
      placed(smtp, blocks, new Ports(submission));
      placed(others, blocks, new Ports(rest));
    }
  }

  private void placed(List<String> names, List<Cidr> blocks, Ports ports) {
    if (!names.isEmpty() && !blocks.isEmpty()) {
      sets.add(new EndpointSet(names, blocks, ports));
    }
  }
}
