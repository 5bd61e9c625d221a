package plan

import "rollcall/state"

// offline finishes a plan between two revisions, which nobody compared with
// JumpCloud: the ids of state.AsLive are made up and stay inside.
func (d *differ) offline() {
	if !d.opt.Offline {
		return
	}
	for n := range d.out.Changes {
		d.out.Changes[n].forgetIDs()
	}
	for n := range d.out.Held {
		d.out.Held[n].forgetIDs()
	}
	d.out.Read, d.out.Offline = Read{}, true
	d.note(state.Note, state.Pos{}, "compared with the base revision alone: what JumpCloud has is not known, and limits are checked only against it")
}

func (c *Change) forgetIDs() {
	c.Object.ID, c.To.ID = "", ""
	for i := range c.Fields {
		c.Fields[i].RefID = ""
	}
}
