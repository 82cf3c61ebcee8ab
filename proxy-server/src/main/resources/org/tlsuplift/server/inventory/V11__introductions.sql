-- A name that several devices use in HELO is no name of a device.
CREATE INDEX device_by_introduction ON device (introduction, address);
