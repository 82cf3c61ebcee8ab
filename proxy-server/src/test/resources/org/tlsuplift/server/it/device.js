// A device on Node.js 0.8 to 8: connects, by CONNECT if an authority is given, asks for a page and prints it.
'use strict';
var fs = require('fs');
var net = require('net');
var tls = require('tls');

var host = process.argv[2];
var port = process.argv[3];
var authority = process.argv[4];
var name = process.argv[5];
var sni = process.argv[6];
var trusted = process.argv[7];
var method = process.argv[8];
var ciphers = process.argv[9];

function give(up) {
  console.log(String(up));
  process.exit(1);
}

function visit(socket) {
  var answer = '';
  var secure = tls.connect({
    socket: socket,
    servername: sni === '' ? undefined : sni,
    checkServerIdentity: function (ignored, certificate) {
      return tls.checkServerIdentity(name, certificate);
    },
    ca: [fs.readFileSync(trusted)],
    rejectUnauthorized: true,
    secureProtocol: method,
    ciphers: ciphers
  }, function () {
    // Before Node.js 5 it cannot tell, but offers one version only.
    var version =
        secure.getProtocol ? secure.getProtocol() : method.replace('_method', '').replace('_', '.');
    console.log('agreed ' + version + ' ' + secure.getCipher().name);
    secure.write('GET / HTTP/1.0\r\n\r\n');
  });
  secure.on('error', give);
  secure.on('data', function (data) { answer += data; });
  // The oldest do not always tell the end of the stream apart.
  secure.on('end', end);
  secure.on('close', end);
  function end() {
    console.log(answer);
    process.exit(answer === '' ? 1 : 0);
  }
}

setTimeout(function () { give('no answer in time'); }, 30000);
var socket = net.connect(Number(port), host, function () {
  if (authority === '') {
    visit(socket);
    return;
  }
  socket.write('CONNECT ' + authority + ' HTTP/1.1\r\nHost: ' + authority + '\r\n\r\n');
  socket.once('data', function (reply) {
    if (!/^HTTP\/1\.1 200 /.test(reply.toString())) {
      give(reply);
    }
    visit(socket);
  });
});
socket.on('error', give);
