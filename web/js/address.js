// The address of a picture that is shown large: #/picture/ID. Back leads from it to where one was.

const kPrefix = '#/picture/';

export const isPictureAddress = () => location.hash.startsWith(kPrefix);

/** Goes to a picture's address; returns whether Back now leads to another page. */
export function enterAddress(id) {
  if (isPictureAddress()) {
    moveAddress(id);
    return false;
  }
  history.pushState(null, '', kPrefix + id);
  return true;
}

/** Another picture is shown in the same place. */
export function moveAddress(id) {
  if (isPictureAddress()) history.replaceState(null, '', kPrefix + id);
}

/** The picture is closed. `entered`: what enterAddress() returned. */
export function leaveAddress(entered) {
  if (!isPictureAddress()) return;
  if (entered) history.back();
  else history.replaceState(null, '', '#/gallery');
}
