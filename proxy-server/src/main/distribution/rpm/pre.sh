getent group tls-uplift >/dev/null || groupadd --system tls-uplift
getent passwd tls-uplift >/dev/null ||
  useradd --system --gid tls-uplift --home-dir /var/lib/tls-uplift --no-create-home \
    --shell /usr/sbin/nologin --comment 'TLS Uplift' tls-uplift
exit 0
