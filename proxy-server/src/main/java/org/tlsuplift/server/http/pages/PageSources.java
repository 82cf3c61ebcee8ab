package org.tlsuplift.server.http.pages;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.audit.AuditLog;
import org.tlsuplift.server.cluster.Instance;
import org.tlsuplift.server.console.PageRenderer;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.http.BadRequestException;
import org.tlsuplift.server.inventory.Acknowledgements;
import org.tlsuplift.server.inventory.Inventory;
import org.tlsuplift.server.inventory.OriginOutages.Outage;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.SilentSender;
import org.tlsuplift.server.readiness.ConfigurationState;
import org.tlsuplift.server.readiness.ExpiringItem;
import org.tlsuplift.server.readiness.SwitchOff;

/**
 * The sources of the pages. The threads that make pages call them, several at once.
 *
 * @param machine the name of this machine
 * @param version of the daemon
 * @param inventory of the devices; empty without one
 * @param messages the message trail; empty without one
 * @param outages the origins that no session reaches now
 * @param silentSenders the devices that sent mail regularly and have stopped
 * @param switchOff whether listeners could be modern; empty without an inventory
 * @param flushInterval how often the inventory is written
 * @param waysIn one for each listener, in the order of the configuration
 * @param sessions the number of open sessions
 * @param configuration the configuration in use, and the result of the latest reload
 * @param instances those that share the database; empty without one
 * @param endings the items that expire, in any order
 * @param authorities the CAs that devices must trust, the one for all listeners first
 * @param macs the addresses of devices by MAC address, in lower case without separators
 * @param authorityControl replaces these CAs
 * @param audit what people and programs changed; empty without an inventory
 * @param acknowledgements empty without an inventory
 * @param reload reloads the configuration
 * @param accounts changes the device accounts
 * @param configurationText the configuration in use, without secrets
 * @param doctor runs the doctor and sends test messages
 * @param checks their steps
 * @param tenant connects a tenant
 * @param missingForActions what the port lacks so that the pages can change something; empty if
 *     nothing
 * @param passwords whether people can sign in with a password
 * @param identityProvider where people can sign in; empty for none
 * @param reach how other machines reach the pages
 * @param journal gets the records of what the pages change
 * @param clock of all pages
 */
public record PageSources(
    String machine,
    String version,
    Optional<Inventory> inventory,
    Optional<Messages> messages,
    Supplier<List<Outage>> outages,
    Supplier<List<SilentSender>> silentSenders,
    Optional<SwitchOff> switchOff,
    Duration flushInterval,
    List<DeviceInstructions> waysIn,
    IntSupplier sessions,
    Supplier<ConfigurationState> configuration,
    Supplier<List<Instance>> instances,
    Supplier<List<ExpiringItem>> endings,
    Supplier<List<TrustedAuthority>> authorities,
    Callable<Map<String, String>> macs,
    AuthorityControl authorityControl,
    Optional<AuditLog> audit,
    Optional<Acknowledgements> acknowledgements,
    ReloadControl reload,
    AccountControl accounts,
    Supplier<String> configurationText,
    DoctorControl doctor,
    Steps checks,
    TenantSources tenant,
    String missingForActions,
    boolean passwords,
    String identityProvider,
    AdminReach reach,
    AuditJournal journal,
    Clock clock) {
  public PageSources {
    waysIn = List.copyOf(waysIn);
  }

  PageRenderer.Site site() {
    return new PageRenderer.Site(machine, version, missingForActions, clock);
  }

  /**
   * Makes sure that the audit log has room for the records of an import.
   *
   * @throws BadRequestException if it has not; then nothing may be changed
   */
  void reserve(List<Change> planned) throws BadRequestException {
    try {
      journal.check(planned);
    } catch (IOException failed) {
      throw new BadRequestException(
          503,
          "nothing was changed, because the audit log has no room for the records of this import: "
              + failed.getMessage());
    }
  }

  /** The names of the listeners. */
  List<String> listeners() {
    return waysIn.stream().map(DeviceInstructions::listener).toList();
  }

  /** The names of the listeners on which TLS Uplift signs in for the devices. */
  public Set<String> signInListeners() {
    return waysIn.stream()
        .filter(DeviceInstructions::signIn)
        .map(DeviceInstructions::listener)
        .collect(Collectors.toSet());
  }
}
