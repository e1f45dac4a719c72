/**
 * Pictures changed at random on their way into training, so that a network learns what does not matter. {@link
 * org.convoy.model.augment.Augmentation} is a configured list of transforms. Each example's changes are a pure function of
 * (seed, epoch, example): the same in a retried task, in a resumed run and with any number of workers.
 * {@link org.convoy.model.augment.TestTimeAugmentation} judges a picture by several views of it, without chance.
 *
 * <p>Works on pixels as they are stored, uint8 in the order C·H·W, before normalisation. May depend on {@code
 * org.convoy.model}. Runs on executors, ahead of the network.
 */
package org.convoy.model.augment;
