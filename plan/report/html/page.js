(() => {
'use strict'
const root = document.documentElement, $ = id => document.getElementById(id)

// Colours: those of the system until somebody chooses.
const theme = $('theme'), system = matchMedia('(prefers-color-scheme: dark)')
const dark = () => root.dataset.theme ? root.dataset.theme === 'dark' : system.matches
const label = () => { theme.textContent = dark() ? 'Light colours' : 'Dark colours' }
theme.addEventListener('click', () => { root.dataset.theme = dark() ? 'light' : 'dark'; label() })
system.addEventListener('change', label)
theme.hidden = false
label()

// On paper everything is unfolded.
let folded = []
addEventListener('beforeprint', () => {
  folded = [...document.querySelectorAll('details:not([open])')]
  folded.forEach(d => { d.open = true })
})
addEventListener('afterprint', () => folded.forEach(d => { d.open = false }))

// Filters. A unit is shown if one of its tags (kind, action, origin: a
// character each) and its text fit.
const form = $('filter'), tagged = ['kind', 'action', 'origin']
const text = e => e.textContent.toLowerCase()
const orgs = [...document.querySelectorAll('.org')].map(e => ({
  e, name: text(e.querySelector('h2')), id: e.dataset.org,
  parts: [...e.querySelectorAll('.part')].map(p => ({e: p, units: [...p.querySelectorAll('[data-t]')].map(u => ({e: u}))})),
}))
const off = (e, hide) => e.classList.toggle('off', hide)
const value = id => $(id) ? $(id).value : ''
const has = (s, words) => words.every(w => s.includes(w))

function fits(u, f) {
  if (f.tags.join('') && !u.e.dataset.t.split(' ').some(t => f.tags.every((c, i) => !c || t[i] === c))) return false
  return has(u.text ??= text(u.e), f.words)
}

// members leaves of a group those whom the filter means.
function members(u, f) {
  const named = has(text(u.e.querySelector('h4')), f.words)
  for (const d of u.e.querySelectorAll('[data-a]')) {
    off(d, f.tags[1] !== '' && f.tags[1] !== d.dataset.a)
    for (const li of d.querySelectorAll('li')) off(li, !named && !has(text(li), f.words))
  }
}

function unit(u, f, all) {
  const fit = all || fits(u, f)
  off(u.e, !fit)
  if (fit && u.e.classList.contains('g')) members(u, f)
  if (fit && f.words.length) u.e.querySelectorAll('details').forEach(d => { d.open = true })
  return fit
}

function apply() {
  const f = {words: value('q').toLowerCase().split(/\s+/).filter(Boolean), tags: tagged.map(value)}
  const active = f.words.length > 0 || f.tags.join('') !== '', org = value('org')
  let shown = 0, total = 0
  for (const o of orgs) {
    const named = !f.tags.join('') && f.words.length > 0 && has(o.name, f.words)
    let any = false
    for (const p of o.parts) {
      let some = false
      for (const u of p.units) {
        const fit = unit(u, f, named) && (!org || org === o.id)
        some = some || fit
        if (u.e.matches('.b:not(.g)')) { total++; shown += fit }
      }
      off(p.e, !some)
      any = any || some
    }
    off(o.e, org !== '' && org !== o.id || active && !any && !named)
  }
  $('shown').textContent = active || org ? `${shown} of ${total} entries` : `${total} ${total === 1 ? 'entry' : 'entries'}`
}
form.addEventListener('submit', e => e.preventDefault())
form.addEventListener('input', apply)
form.addEventListener('reset', () => setTimeout(apply))
form.hidden = !document.querySelector('.b')
apply()
})()
