//! Serves `nostr-relay`, the library that the rnostr program is made of: `rnostr CONFIG`.
//! The program itself adds metrics, AUTH, rate limits, COUNT and search, each an extension.

use std::path::PathBuf;

use nostr_relay::App;

#[actix_web::main]
async fn main() -> nostr_relay::Result<()> {
    let Some(config) = std::env::args().nth(1).map(PathBuf::from) else {
        eprintln!("usage: rnostr CONFIG");
        std::process::exit(2);
    };
    let app = App::create(Some(config), false, None, None)?;
    app.web_server()?.await?;
    Ok(())
}
