// A mail program on nodemailer 1.11 and Node.js 0.10: sends a whole mail from a file.
// Arguments: starttls|implicit port trusted user password file modules.
'use strict';
var fs = require('fs');
var path = require('path');

var form = process.argv[2];
var port = Number(process.argv[3]);
var trusted = process.argv[4];
var user = process.argv[5];
var password = process.argv[6];
var file = process.argv[7];
var nodemailer = require(path.join(process.argv[8], 'node_modules', 'nodemailer'));

var program = nodemailer.createTransport({
  host: 'localhost',
  port: port,
  secure: form === 'implicit',
  requireTLS: true,
  authMethod: 'LOGIN',
  auth: {user: user, pass: password},
  debug: true,
  tls: {
    ca: [fs.readFileSync(trusted)],
    rejectUnauthorized: true,
    servername: 'localhost',
    secureProtocol: 'TLSv1_method',
    ciphers: 'ALL'
  }
});
program.transporter.on('log', function (line) { console.log(line.type + ': ' + String(line.message).trim()); });
// The transport alone, so that the mail leaves as it is.
program.transporter.send({
  data: {},
  message: {
    getEnvelope: function () { return {from: user, to: [user]}; },
    getHeader: function () { return ''; },
    createReadStream: function () { return fs.createReadStream(file); }
  }
}, function (failed, sent) {
  console.log(failed ? 'failed: ' + failed : 'sent: ' + sent.response);
  process.exit(failed ? 1 : 0);
});
