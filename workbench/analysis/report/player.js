const sound = document.getElementById("sound");
const picture = document.getElementById("timeline");
const head = document.getElementById("playhead");

if (sound && picture && head) {
  const perSecond = Number(picture.dataset.perSecond);
  const scroll = picture.parentElement;

  const show = () => {
    const x = sound.currentTime * perSecond;
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    const right = scroll.scrollLeft + scroll.clientWidth;
    if (!sound.paused && (x < scroll.scrollLeft || x > right - 40)) scroll.scrollLeft = x - 80;
    if (!sound.paused) requestAnimationFrame(show);
  };

  sound.addEventListener("play", show);
  sound.addEventListener("seeked", show);
  picture.addEventListener("click", (event) => {
    sound.currentTime = (event.clientX - picture.getBoundingClientRect().left) / perSecond;
    sound.play();
  });
}
