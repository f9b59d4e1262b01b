//! Where a browser says that it is.

use crate::browser::Browser;
use serde_json::json;
use tests::stack::stack;

impl Browser {
    /// The device is there, known within so many metres, and its officer lets pages ask.
    #[track_caller]
    pub(crate) fn stand_at(&self, (lat, lon): (f64, f64), accuracy_m: f64) {
        let permission = json!({"origin": stack().api, "permissions": ["geolocation"]});
        self.devtools("Browser.grantPermissions", &permission);
        let position = json!({"latitude": lat, "longitude": lon, "accuracy": accuracy_m});
        self.devtools("Emulation.setGeolocationOverride", &position);
    }

    /// Its officer lets no page ask.
    #[track_caller]
    pub(crate) fn refuse_position(&self) {
        let permission = json!({"name": "geolocation"});
        let setting = json!({"permission": permission, "setting": "denied", "origin": stack().api});
        self.devtools("Browser.setPermission", &setting);
    }

    /// Presses the button that measures, of a form whose time is over so soon.
    #[track_caller]
    pub(crate) fn measure(&self, act: &str, limit_s: f64) {
        let choice = format!("#act-{act} [data-measure]");
        self.await_it("a way to measure", || {
            let is_shown = format!("return document.querySelector('{choice}').hidden === false");
            (self.run(&is_shown) == true).then_some(())
        });
        self.run(&format!(
            "document.querySelector('{choice}').dataset.limitS = '{limit_s}';
             document.querySelector('{choice} input[type=radio]').click()"
        ));
        self.click(&format!("{choice} [data-measure-button]"));
    }

    /// What the page says of the measuring, once it begins so.
    #[track_caller]
    pub(crate) fn see_measured(&self, act: &str, text: &str, metres: u32) {
        let expected = self.t(text).replace("{metres}", &metres.to_string());
        self.await_it(&expected, || {
            self.words_of(&format!("#act-{act} [data-measure-said]")).filter(|said| *said == expected)
        });
    }
}
