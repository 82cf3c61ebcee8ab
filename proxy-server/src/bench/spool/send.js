// node send.js PORT FILE FROM TO [user pass]: sends a file over STARTTLS with what this old Node.js speaks; prints the reply
var path = process.env.UPLIFT_NODEMAILER + '/node_modules/';
var C; try { C = require(path + 'smtp-connection'); } catch (e) { C = require(path + 'nodemailer/node_modules/smtp-connection'); }
var a = process.argv, fs = require('fs');
var c = new C({host: '127.0.0.1', port: +a[2], ignoreTLS: false, requireTLS: true, tls: {rejectUnauthorized: false}, connectionTimeout: 60000, greetingTimeout: 60000, socketTimeout: 120000});
c.on('end', function () { console.log('ERR ended'); process.exit(1); });
setTimeout(function () { console.log('ERR too long'); process.exit(1); }, 60000);
c.on('error', function (e) { console.log('ERR ' + e.message + ' ' + (e.response || '')); process.exit(1); });
c.connect(function () {
  function go() {
    c.send({from: a[4], to: [a[5]]}, fs.createReadStream(a[3]), function (e, i) {
      if (e) { console.log('ERR ' + (e.response || e.message)); process.exit(1); }
      console.log('OK ' + i.response); c.quit(); process.exit(0);
    });
  }
  if (a[6]) c.login({user: a[6], pass: a[7]}, function (e) { if (e) { console.log('ERR ' + (e.response || e.message)); process.exit(1); } go(); }); else go();
});
