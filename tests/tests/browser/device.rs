//! What a page keeps on a device, as whoever holds the telephone can look at it.

use crate::browser::Browser;
use serde_json::json;

/// All that a page can keep on a device: storage of every kind with its bytes, the entry of the history, and cookies that scripts may read.
const KEPT: &str = "const done = arguments[0];
    const read = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = no; });
    const plain = (_, value) => {
        if (!(value instanceof ArrayBuffer) && !ArrayBuffer.isView(value)) return value;
        const bytes = new Uint8Array(value.buffer ?? value);
        let text = '';
        for (const byte of bytes) text += String.fromCharCode(byte);
        return text;
    };
    (async () => {
        const kept = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}), document.cookie,
            JSON.stringify(history.state), window.name];
        for (const {name} of await indexedDB.databases()) {
            const database = await read(indexedDB.open(name));
            for (const of of database.objectStoreNames) {
                const store = database.transaction(of).objectStore(of);
                const [keys, values] = await Promise.all([read(store.getAllKeys()), read(store.getAll())]);
                if (keys.length > 0) kept.push(JSON.stringify({[of]: [keys, values]}, plain));
            }
            database.close();
        }
        if ('caches' in window) kept.push(JSON.stringify(await caches.keys()));
        return kept;
    })().then((kept) => done(kept.join(' ')), (error) => done(String(error)))";

const COUNT: &str = "const [of, done] = arguments;
    if (of === 'drafts') return done(Object.keys(localStorage).filter((name) => name.startsWith('draft:')).length);
    const read = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = no; });
    (async () => {
        for (const {name} of await indexedDB.databases()) {
            const database = await read(indexedDB.open(name));
            const count = [...database.objectStoreNames].includes(of) ? await read(database.transaction(of).objectStore(of).count()) : 0;
            database.close();
            if (count > 0) return count;
        }
        return 0;
    })().then(done, () => done(-1))";

impl Browser {
    /// All that is kept, one sign for each byte of what is no text.
    #[track_caller]
    pub(crate) fn kept(&self) -> String {
        self.run_until_called(KEPT, &json!([])).as_str().expect("what is kept").to_owned()
    }

    /// Waits until nothing is kept of what was typed or chosen.
    #[track_caller]
    pub(crate) fn see_nothing_kept(&self) {
        for of in ["outbox", "drafts", "photos", "pictures"] {
            self.see_kept(of, 0);
        }
    }

    /// Waits until so many are kept: of `drafts`, `outbox`, `photos` or `pictures`.
    #[track_caller]
    pub(crate) fn see_kept(&self, of: &str, count: usize) {
        let what = format!("{count} of {of} on the device");
        self.await_it(&what, || (self.run_until_called(COUNT, &json!([of])) == json!(count)).then_some(()));
    }
}
