//! How mining of crypto-currencies is known: by the program, by the pool it speaks to, by the protocol in its command line.

/// Names of well-known miners.
pub const CRYPTO_MINERS: &[&str] = &[
    "bfgminer",
    "ccminer",
    "cgminer",
    "claymore",
    "cpuminer",
    "ethminer",
    "gminer",
    "kinsing",
    "kdevtmpfsi",
    "lolminer",
    "minerd",
    "minergate",
    "nanominer",
    "nbminer",
    "nheqminer",
    "phoenixminer",
    "srbminer",
    "t-rex",
    "teamredminer",
    "trex",
    "xmr-stak",
    "xmrig",
    "xmrig-notls",
    "xmrigdaemon",
    "xmrminer",
];

/// Names of well-known mining pools, as patterns of domain names.
pub const MINING_POOLS: &[&str] = &[
    "*.2miners.com",
    "2miners.com",
    "*.antpool.com",
    "*.c3pool.com",
    "*.c3pool.org",
    "*.dwarfpool.com",
    "*.ethermine.org",
    "*.f2pool.com",
    "*.flypool.org",
    "*.hashvault.pro",
    "*.herominers.com",
    "*.hiveon.net",
    "*.minergate.com",
    "*.miningpoolhub.com",
    "*.minexmr.com",
    "minexmr.com",
    "*.moneroocean.stream",
    "*.monerohash.com",
    "monerohash.com",
    "*.nanopool.org",
    "*.nicehash.com",
    "*.poolin.com",
    "*.prohashing.com",
    "*.slushpool.com",
    "*.supportxmr.com",
    "supportxmr.com",
    "*.unmineable.com",
    "*.viabtc.com",
    "*.viaxmr.com",
    "*.woolypooly.com",
    "*.xmrpool.eu",
    "xmrpool.eu",
    "*.zpool.ca",
];

/// Ports that mining pools listen on and hardly anything else does. Not 3333, 4444 and their like, which developers use, too.
pub const MINING_PORTS: &[u16] = &[14_433, 14_444, 45_560, 45_700];

/// What stands in front of a `+` or a `:` at the beginning of a pool's address, in lower case.
pub const STRATUM: &[&str] = &["stratum", "stratum1", "stratum2", "stratums"];
