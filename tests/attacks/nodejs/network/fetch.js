// fetch
// Fetches a URL with undici, which Node has inside.
// policy: denied-address
// audit: explicitlyDeniedIP
// since: 18
// proof: arrival
'use strict';
module.exports = async (at) => (await (await fetch(`http://${at.FOE}:8080/${at.token}`)).text()) === 'reached';
