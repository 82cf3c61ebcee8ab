// A device on Node.js 8: connects, by CONNECT if an authority is given, asks for a page and prints it.
'use strict';
const fs = require('fs');
const net = require('net');
const tls = require('tls');

const [host, port, authority, name, trusted, method, ciphers] = process.argv.slice(2);

function give(up) {
  console.log(String(up));
  process.exit(1);
}

function visit(socket) {
  const secure = tls.connect({
    socket: socket,
    servername: net.isIP(name) ? undefined : name,
    checkServerIdentity: (ignored, certificate) => tls.checkServerIdentity(name, certificate),
    ca: fs.readFileSync(trusted),
    secureProtocol: method,
    ciphers: ciphers
  }, () => {
    console.log('agreed ' + secure.getProtocol() + ' ' + secure.getCipher().name);
    secure.write('GET / HTTP/1.0\r\n\r\n');
  });
  secure.on('error', give);
  secure.on('data', data => console.log(data.toString()));
  secure.on('end', () => process.exit(0));
}

setTimeout(() => give('no answer in time'), 30000);
const socket = net.connect(port, host, () => {
  if (authority === '') {
    visit(socket);
    return;
  }
  socket.write('CONNECT ' + authority + ' HTTP/1.1\r\nHost: ' + authority + '\r\n\r\n');
  socket.once('data', reply => {
    if (!/^HTTP\/1\.1 200 /.test(reply.toString())) {
      give(reply);
    }
    visit(socket);
  });
});
socket.on('error', give);
