# 0 is the removal of the last version.
if [ "$1" -eq 0 ] && [ -d /run/systemd/system ]; then
  # The socket first, or a connection would start the service again.
  systemctl --no-reload disable --now tls-uplift.socket 'tls-uplift@*.service' tls-uplift.service >/dev/null 2>&1
fi
if [ "$1" -eq 0 ]; then
  rm -f /usr/lib/tls-uplift/lib/tls-uplift-*.jsa /usr/lib/tls-uplift/lib/tls-uplift-*.aot
  rm -rf /var/cache/tls-uplift
fi
exit 0
