# The configuration and the CA are not made here: 'tls-uplift init' asks for the names that the CA may sign.
[ -d /etc/tls-uplift ] || install -d -o tls-uplift -g tls-uplift -m 0750 /etc/tls-uplift
[ -d /var/lib/tls-uplift ] || install -d -o tls-uplift -g tls-uplift -m 0700 /var/lib/tls-uplift
# Only the Java of this machine can write it. Without it, the daemon starts slower. rpm 4.20 runs this script in a network of
# its own, and the demo that loads the classes needs the loopback interface.
ip link set lo up 2>/dev/null || :
/usr/lib/tls-uplift/bin/tls-uplift class-archive /usr/lib/tls-uplift/lib >/dev/null 2>&1 || :
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  if [ "$1" -gt 1 ]; then
    if [ -n "$(systemctl list-units --plain --no-legend --state=active 'tls-uplift@*.service')" ]; then
      /usr/lib/tls-uplift/bin/hand-over || echo 'tls-uplift: the old version still runs; run hand-over again' >&2
    else
      systemctl try-restart tls-uplift.service
    fi
  fi
fi
exit 0
