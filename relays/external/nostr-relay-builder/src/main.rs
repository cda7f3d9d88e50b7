//! Serves `nostr-relay-builder` (rust-nostr's embedded relay) over its LMDB store: `nostr-relay-builder PORT DIR`.
//! Its rate limits are lifted, since one generator holds all connections.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};

use nostr_lmdb::NostrLMDB;
use nostr_relay_builder::prelude::{LocalRelay, RateLimit, RelayBuilder};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(port), Some(dir)) = (arguments.next(), arguments.next()) else {
        return Err("usage: nostr-relay-builder PORT DIR".into());
    };
    let builder = RelayBuilder::default()
        .addr(IpAddr::V4(Ipv4Addr::LOCALHOST))
        .port(port.parse()?)
        .database(NostrLMDB::open(dir)?)
        .rate_limit(RateLimit {
            max_reqs: 100_000,
            notes_per_minute: u32::MAX,
        });
    let relay = LocalRelay::new(builder);
    relay.run().await?;
    println!("listening on {}", relay.url().await);
    tokio::signal::ctrl_c().await?;
    Ok(())
}
